import { join } from 'node:path'
import { type Exit, type TiedProcess, spawnTied, stop } from './child.ts'
import { readTail } from './log-tail.ts'

/** Which service is to run, and how. */
export interface ServiceOptions {
  /** A folder of `services/`. */
  readonly name: string
  /** Folder of the repository. */
  readonly root: string
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logFile: string
  /** `dist` needs a build; `source` runs the TypeScript as it stands. */
  readonly from: 'dist' | 'source'
  /** Whether it is started again when it ends unasked. */
  readonly restart: boolean
  /** Wait before the first new start; each further one within a minute waits twice as long, up to 5 s. Default 100. */
  readonly firstDelayMs?: number
  /** Called at each unasked end that is followed by a new start. */
  readonly onRestart?: (exit: Exit, delayMs: number) => void
  /** Called at each start, the first too. */
  readonly onStart?: (pid: number) => void
}

/** How a service ended for good. */
export interface Stopped {
  /** True: `stop()` was called. */
  readonly asked: boolean
  readonly exit: Exit
  /** Its last log lines, where nobody asked it to end. */
  readonly lastLines: string
}

/** A service that is kept running. */
export interface SupervisedService {
  readonly name: string
  /** Its process; undefined while it waits to be started again, and at the end. */
  pid(): number | undefined
  /** Signals its process. False: there is none now. */
  kill(signal: NodeJS.Signals): boolean
  /** Settles when it will not be started again; never rejects. */
  readonly stopped: Promise<Stopped>
  /** Ends it: SIGTERM, then SIGKILL after `graceMs` (default 8,000). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
}

const delayMostMs = 5_000
const endsMost = 6
const endsWithinMs = 60_000

/**
 * Runs a service as a process of its own, tied to this one, and starts it again when it ends unasked: after 100 ms, then twice as
 * long each time up to 5 s. Six ends within a minute are too many: it stays down, and `stopped` tells its last lines.
 */
export function superviseService(options: ServiceOptions): SupervisedService {
  const { name } = options
  const main = options.from === 'dist' ? 'dist/main.js' : 'src/main.ts'
  const conditions = options.from === 'dist' ? [] : ['--conditions=@portcullis/source']
  const words = [...conditions, join(options.root, 'services', name, main)]
  const wake = new AbortController()
  let child: TiedProcess | undefined
  let asked = false

  const runOnce = async (): Promise<Exit> => {
    const now = spawnTied(process.execPath, words, { cwd: options.root, env: options.env, log: options.logFile })
    child = now
    options.onStart?.(now.pid)
    const exit = await now.exited
    child = undefined
    return exit
  }

  const keepRunning = async (): Promise<Stopped> => {
    const ends: number[] = []
    for (;;) {
      const exit = await runOnce()
      if (asked) return { asked, exit, lastLines: '' }
      const now = Date.now()
      ends.push(now)
      const recent = ends.filter((end) => now - end < endsWithinMs).length
      if (!options.restart || recent >= endsMost) return { asked, exit, lastLines: readTail(options.logFile, 12) }
      const delayMs = Math.min((options.firstDelayMs ?? 100) * 2 ** (recent - 1), delayMostMs)
      options.onRestart?.(exit, delayMs)
      await pause(delayMs, wake.signal)
      if (asked) return { asked, exit, lastLines: '' }
    }
  }

  const stopped = keepRunning()
  return {
    name,
    pid: () => child?.pid,
    kill: (signal) => child?.kill(signal) ?? false,
    stopped,
    async stop(graceMs = 8_000) {
      asked = true
      wake.abort()
      if (child) await stop(child, { graceMs })
      await stopped
    },
  }
}

/** Waits so long, or until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
