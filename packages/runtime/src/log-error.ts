import { Failure } from '@portcullis/contracts/errors'
import { cleanText } from './log-text.ts'

const longestChain = 5
const mostFrames = 30
const driverErrors = new Set(['DrizzleQueryError', 'DrizzleError', 'PostgresError'])
const frameLine = /^ {4}at .*(?::\d+:\d+\)?|\(<anonymous>\)|\(native\))$/

/** An error as the log prints it. */
export interface DescribedError {
  readonly name: string
  readonly message?: string
  /** Of a `Failure`: its code in the catalogue. Of the system: `ECONNREFUSED`. Of Postgres: the SQLSTATE. */
  readonly code?: string
  readonly constraint?: string
  readonly routine?: string
  /** The frames, one a line, without the line that repeats the message. */
  readonly stack?: string
  readonly cause?: DescribedError
  readonly errors?: readonly DescribedError[]
}

/**
 * Describes anything thrown for the log: name, code, message, frames, and the chain of causes (5 at most).
 *
 * Of errors that a database or its driver made, only name, SQLSTATE, constraint, routine and frames: their messages,
 * `detail`, `query` and `parameters` carry rows and passwords. The
 * parser of JSON quotes bodies, so its message goes, too, and so does any message that repeats one of these.
 * Other properties are never printed.
 */
export function describeError(thrown: unknown): DescribedError {
  return describe(thrown, longestChain)
}

/** One line about something thrown, with no message of a database in it. */
export function errorLine(thrown: unknown): string {
  const { name, code, message } = describe(thrown, 0)
  return message ?? (code === undefined ? name : `${name} ${code}`)
}

function describe(thrown: unknown, left: number): DescribedError {
  if (!(thrown instanceof Error)) {
    return { name: 'NonError', message: typeof thrown === 'string' ? cleanText(thrown) : `a thrown ${typeof thrown}` }
  }
  return {
    name: cleanText(isDriverError(thrown) ? driverName(thrown) : thrown.name),
    ...(isDriverError(thrown) ? {} : { message: messageOf(thrown) }),
    ...word('code', Reflect.get(thrown, 'code')),
    ...(isDriverError(thrown)
      ? {
          ...word('constraint', Reflect.get(thrown, 'constraint_name')),
          ...word('routine', Reflect.get(thrown, 'routine')),
        }
      : {}),
    ...frames(thrown),
    ...(left > 0 && thrown.cause !== undefined ? { cause: describe(thrown.cause, left - 1) } : {}),
    ...(left > 0 && thrown instanceof AggregateError
      ? { errors: thrown.errors.slice(0, longestChain).map((one: unknown) => describe(one, left - 1)) }
      : {}),
  }
}

/** Frames only: the first line of a stack repeats the message, and a message may imitate a frame. */
function frames(error: Error): { stack?: string } {
  const stack = typeof error.stack === 'string' ? error.stack : ''
  const at = error.message === '' ? -1 : stack.indexOf(error.message)
  const lines = (at < 0 ? stack : stack.slice(at + error.message.length)).split('\n')
  const kept = lines.filter((line) => frameLine.test(line)).slice(0, mostFrames)
  return kept.length === 0 ? {} : { stack: kept.join('\n') }
}

function messageOf(error: Error): string {
  if (quotesJson(error)) return 'the text is not valid JSON'
  if (repeatsUntold(error)) return '[withheld: it repeats the message of a cause that is not told]'
  return cleanText(error.message)
}

/** The parser of JSON quotes what it could not read: a body, with a password in it. */
function quotesJson(error: Error): boolean {
  return error instanceof SyntaxError && error.message.endsWith('is not valid JSON')
}

function repeatsUntold(error: Error): boolean {
  let cause = error.cause
  for (let left = longestChain; left > 0 && cause instanceof Error; left--) {
    const untold = isDriverError(cause) || quotesJson(cause)
    if (untold && cause.message !== '' && error.message.includes(cause.message)) return true
    cause = cause.cause
  }
  return false
}

/** By the name of a class on the way up, as this room does not import the driver. A `Failure` is ours, whatever its name. */
function isDriverError(error: Error): boolean {
  return !(error instanceof Failure) && classNames(error).some((name) => driverErrors.has(name))
}

function driverName(error: Error): string {
  return classNames(error).find((name) => driverErrors.has(name)) ?? 'DatabaseError'
}

function classNames(error: Error): string[] {
  const names = [error.name]
  for (let one: unknown = Object.getPrototypeOf(error); one instanceof Error; one = Object.getPrototypeOf(one)) {
    names.push(one.constructor.name)
  }
  return names
}

/** A short word of a closed alphabet, else nothing: codes and names of constraints, never prose. */
function word<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  const text = typeof value === 'number' ? String(value) : value
  const fields: { [Key in Name]?: string } = {}
  if (typeof text === 'string' && /^[\w.-]{1,100}$/.test(text)) fields[name] = text
  return fields
}
