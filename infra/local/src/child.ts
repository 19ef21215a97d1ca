import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/** How a process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that cannot outlive this one. */
export interface TiedProcess {
  readonly pid: number
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<Exit>
  /** Sends a signal to the process alone. False: it has ended already. */
  kill(signal: NodeJS.Signals): boolean
}

/** What a tied process may be given. */
export interface TieOptions {
  readonly cwd?: string
  /** The whole environment of the process; default: that of this one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** File that standard output and errors are appended to (mode 0600). */
  readonly log?: string
  /** Called with what it writes, where no `log` is given. Without either its output is dropped. */
  readonly hear?: (text: string) => void
  /** Its output goes where ours goes. */
  readonly show?: boolean
  /** Signal that the process gets when this one dies, however it dies. Default TERM. */
  readonly signal?: 'TERM' | 'INT' | 'QUIT' | 'KILL'
  readonly uid?: number
  readonly gid?: number
}

// The shell is the leader of its group (detached), so $$ names the command's group once exec has replaced the shell.
const watchdog = 'exec 3<&0; (cat <&3 >/dev/null; kill "-$0" "-$$") 2>/dev/null & exec "$@" </dev/null 3<&-'

let canTie: boolean | undefined

/** Whether the kernel can be asked to signal a child on its parent's death (util-linux on Linux). Looked up once. */
function hasDeathSignal(): boolean {
  canTie ??= spawnSync('setpriv', ['--pdeathsig', 'TERM', '--', 'true'], { stdio: 'ignore' }).status === 0
  return canTie
}

/**
 * Starts a process that ends when this one ends, even by SIGKILL: by the kernel's parent-death signal where there is one,
 * else by a shell that waits on a pipe. It has a process group of its own, so that Ctrl-C reaches only the supervisor.
 * Throws when the process cannot be started at all; a missing program may also show as exit code 126 or 127.
 */
export function spawnTied(command: string, args: readonly string[], options: TieOptions = {}): TiedProcess {
  const signal = options.signal ?? 'TERM'
  const byKernel = hasDeathSignal()
  const log = options.log === undefined ? undefined : openLog(options.log)
  const output = log ?? (options.show ? 'inherit' : options.hear ? 'pipe' : 'ignore')
  const settings: SpawnOptions = {
    detached: true,
    stdio: [byKernel ? 'ignore' : 'pipe', output, output],
    env: { ...(options.env ?? process.env) },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  }
  const child = byKernel
    ? spawn('setpriv', ['--pdeathsig', signal, '--', command, ...args], settings)
    : spawn('sh', ['-c', watchdog, signal, command, ...args], settings)
  if (log !== undefined) closeSync(log)
  child.stdout?.setEncoding('utf8').on('data', options.hear ?? (() => {}))
  child.stderr?.setEncoding('utf8').on('data', options.hear ?? (() => {}))
  let failure: Error | undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      failure = error
      resolve({ code: 127, signal: null })
    })
    child.once('exit', () => child.stdin?.destroy())
    // With pipes, all that was written has then been heard.
    child.once(options.hear ? 'close' : 'exit', (code: number | null, by: NodeJS.Signals | null) => {
      resolve({ code, signal: by })
    })
  })
  child.stdin?.on('error', () => {})
  if (child.pid === undefined) throw new Error(`cannot start ${command}`, { cause: failure })
  return {
    pid: child.pid,
    exited,
    kill: (name) => child.exitCode === null && child.signalCode === null && child.kill(name),
  }
}

/**
 * Ends a tied process: `signal` (default SIGTERM), then, `graceMs` later (default 5,000), SIGKILL to its whole group.
 * Resolves when it is gone.
 */
export async function stop(
  child: TiedProcess,
  options: { readonly signal?: NodeJS.Signals; readonly graceMs?: number } = {},
): Promise<Exit> {
  child.kill(options.signal ?? 'SIGTERM')
  const timer = setTimeout(() => killGroup(child), options.graceMs ?? 5_000)
  const exit = await child.exited
  clearTimeout(timer)
  return exit
}

function killGroup(child: TiedProcess): void {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return openSync(file, 'a', 0o600)
}
