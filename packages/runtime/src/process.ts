import { readConfig, ConfigError } from './config.ts'
import type { Config, ConfigShape } from './config.ts'
import { systemClock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import type { Logger } from './log.ts'

/** EX_CONFIG of sysexits.h: starting again will not help before the configuration is mended. */
const badConfigExit = 78
const flushWithinMs = 1000
const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const
type StopSignal = keyof typeof signalNumbers

/** How a process is run. */
export interface ProcessOptions {
  /** Name of the service, in the log. */
  readonly name: string
  readonly log: Logger
  /** How long a stop may take, in seconds; then the process ends all the same, with exit code 1. */
  readonly drainSeconds: number
  /** Builds and starts everything. `stop` takes nothing new, ends what runs, closes connections. */
  readonly start: () => Promise<{ stop(): Promise<void> }>
}

/**
 * Runs the whole life of a process; resolves when it has started, and ends it by itself:
 *
 * | what happens | exit code |
 * | --- | --- |
 * | SIGTERM or SIGINT, and `stop` ended in time | 0 |
 * | SIGTERM or SIGINT, and `stop` failed or took longer than `drainSeconds` | 1, the reason logged as fatal |
 * | a second signal | at once: 130 for SIGINT, 143 for SIGTERM |
 * | `start` failed; an exception or rejection that nobody caught | 1, the reason logged as fatal |
 * | a `ConfigError` | 78 (EX_CONFIG), its message on standard error |
 *
 * An uncaught exception stops nothing gracefully: the state is unknown, so the process ends and its supervisor starts it
 * again (crash-only). Source: OWASP ASVS 5 16.5.4 (last-resort handler); Node.js documentation of `uncaughtException`.
 */
export async function runProcess({ name, log, drainSeconds, start }: ProcessOptions): Promise<void> {
  const beganMs = systemClock.monotonicMs()
  process.on('uncaughtException', (error) => void die(log, error, 'an exception was not caught'))
  process.on('unhandledRejection', (reason) => void die(log, reason, 'a rejection was not handled'))

  const running = Promise.resolve().then(start)
  const stopping = onStopSignals(async (signal) => {
    log.info({ signal }, 'stopping')
    try {
      await withDeadline(drainSeconds * 1000, `stop of ${name}`, async () => (await running).stop())
      log.info('stopped')
      await leave(log, 0)
    } catch (error) {
      await die(log, error, 'the stop was not clean')
    }
  })

  try {
    await running
  } catch (error) {
    await die(log, error, 'the start failed')
  }
  if (!stopping()) log.info({ startMs: Math.round(systemClock.monotonicMs() - beganMs) }, 'ready')
}

/**
 * `readConfig` for the first lines of a `main.ts`, before there is a log: when the configuration is wrong, prints all problems
 * on standard error and ends the process with 78.
 */
export function readConfigOrExit<Shape extends ConfigShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>>,
): Config<Shape> {
  try {
    return readConfig(shape, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return exitOnConfig(error)
  }
}

/** Calls `stop` on the first signal, ends the process on the second. Gives a function that tells whether a stop has begun. */
function onStopSignals(stop: (signal: StopSignal) => Promise<void>): () => boolean {
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + signalNumbers[signal])
      stopping = true
      void stop(signal)
    })
  }
  return () => stopping
}

let leaving = false

/** Ends the process with the reason in the log. Never gives control back. */
async function die(log: Logger, error: unknown, message: string): Promise<never> {
  if (error instanceof ConfigError) return exitOnConfig(error)
  // Failing while it ends: the first reason is the one that counts.
  if (leaving) return never()
  log.fatal({ err: error }, message)
  return leave(log, 1)
}

async function leave(log: Logger, exitCode: number): Promise<never> {
  if (leaving) return never()
  leaving = true
  const flush = () => new Promise<void>((resolve) => log.flush(() => resolve()))
  await withDeadline(flushWithinMs, 'the flush of the log', flush).catch(() => {})
  return process.exit(exitCode)
}

function exitOnConfig(error: ConfigError): never {
  process.stderr.write(`${error.message}\n`)
  return process.exit(badConfigExit)
}

function never(): Promise<never> {
  return new Promise<never>(() => {})
}
