import { pino } from 'pino'
import type { DestinationStream, LogFn, Logger } from 'pino'
import { errorLine } from './log-error.ts'
import { cleanField, cleanRecord } from './log-field.ts'
import { cleanText } from './log-text.ts'

/** The log of a process: `log.info({ field }, 'message')`, `log.child({ field })`, levels as below. */
export type { Logger } from 'pino'

/** How much is written, from nothing to everything. */
export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** One of the levels. */
export type LogLevel = (typeof logLevels)[number]

/** What a log is made of. */
export interface LoggerOptions {
  /** Name of the service, in every line. */
  readonly service: string
  readonly level: LogLevel
  /** Where lines go. Default: standard output, each line written before the call returns, so that a crash loses none. */
  readonly destination?: DestinationStream
}

/**
 * Makes the log of a process: one JSON object a line with `level` (a word), `time` (ISO 8601, UTC), `service`, `pid`,
 * the fields given, and `msg`.
 *
 * Every field passes `cleanField`, at any depth and in child loggers, too: secrets are redacted by their name, errors are
 * described without what a database says of rows, text cannot start a line of its own. So `log.error({ err }, 'what
 * failed')` is always safe. What is written into the message itself is only searched for addresses and URLs.
 *
 * Source: OWASP ASVS 5 16.2.1 to 16.2.5 and 16.4.1.
 */
export function createLogger(options: LoggerOptions): Logger {
  const log = pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { logMethod: writeClean },
      // pino's own would describe the description once more.
      serializers: { err: (described: unknown) => described },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )
  // Children inherit these, as pino makes a child with its parent as prototype. Its hook does not see bindings.
  const { child, setBindings } = log
  log.child = function (this: Logger, bindings, childOptions) {
    return child.call(this, cleanRecord(bindings), childOptions)
  } as Logger['child']
  log.setBindings = function (this: Logger, bindings) {
    setBindings.call(this, cleanRecord(bindings))
  }
  return log
}

function writeClean(this: Logger, given: Parameters<LogFn>, write: LogFn): void {
  const [first, ...rest]: unknown[] = given
  if (typeof first !== 'object' || first === null) {
    write.apply(this, cleanArguments([first, ...rest]) as Parameters<LogFn>)
    return
  }
  const fields = first instanceof Error ? { err: first } : first
  // Every line says something: an error of the database has no message left.
  const words = rest.length === 0 && 'err' in fields ? [errorLine(fields.err)] : rest
  write.apply(this, [cleanRecord(fields), ...cleanArguments(words)] as Parameters<LogFn>)
}

function cleanArguments(given: readonly unknown[]): unknown[] {
  return given.map((one) => (typeof one === 'string' ? cleanText(one) : cleanField('', one)))
}
