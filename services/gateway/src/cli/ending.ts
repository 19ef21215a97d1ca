import { AnswerError } from '@portcullis/client/answer-error'
import { ConnectionError } from '@portcullis/client/connection-error'
import { ProblemError } from '@portcullis/client/problem-error'
import { TimeoutError } from '@portcullis/client/timeout-error'
import { errors, Failure, type Fault } from '@portcullis/contracts/errors'
import { isStoreAway } from '@portcullis/db/transaction'
import { ConfigError } from '@portcullis/runtime/config'
import { CommanderError } from 'commander'
import type { Terminal } from './terminal.ts'

/** How the command line ends. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Refused, failed, or not as it should be. */
  failed: 1,
  /** The command or a setting is wrong: nothing was tried. */
  usage: 2,
  /** The store, or the gateway before it, is away: trying again may help. */
  away: 3,
} as const

/** Ends a command otherwise than well, with a code and a sentence for people. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string
  readonly exitCode: number

  constructor(code: string, message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.code = code
    this.exitCode = exitCode
  }
}

/** Ends a command whose result says it all: nothing more is printed. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly exitCode: number

  constructor(exitCode: number) {
    super('ended')
    this.exitCode = exitCode
  }
}

/** Says what went wrong, never what was sent, and answers with the exit code. */
export function endWith(error: unknown, terminal: Terminal): number {
  if (error instanceof Ended) return error.exitCode
  // Help was asked for, or the usage was told already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { code, text, exitCode, ...more } = describe(error)
  terminal.complain({ code, detail: text, ...more }, text)
  return exitCode
}

interface Described {
  readonly code: string
  readonly text: string
  readonly exitCode: number
  readonly requestId?: string | undefined
}

function describe(error: unknown): Described {
  if (error instanceof Refused) return { code: error.code, text: error.message, exitCode: error.exitCode }
  if (error instanceof ConfigError) return { code: 'setting_wrong', text: error.message, exitCode: exitCodes.usage }
  if (error instanceof ProblemError) return describeProblem(error)
  if (error instanceof ConnectionError || error instanceof TimeoutError)
    return { code: 'gateway_away', text: `The gateway did not answer: ${error.message}.`, exitCode: exitCodes.away }
  if (isStoreAway(error))
    return { code: 'store_unavailable', text: 'The store is away. Nothing was changed.', exitCode: exitCodes.away }
  if (error instanceof Failure) {
    const text = withFaults(errors[error.code].title, error.faults)
    return { code: error.code, text, exitCode: exitCodes.failed }
  }
  if (error instanceof AnswerError) return { code: 'answer_unknown', text: error.message, exitCode: exitCodes.failed }
  return { code: 'internal_error', text: `This is a fault of ours: ${nameOf(error)}`, exitCode: exitCodes.failed }
}

function describeProblem(error: ProblemError): Described {
  const title = error.code ? errors[error.code].title : error.message
  const detail = error.detail && error.detail !== title ? ` ${error.detail}` : ''
  return {
    code: error.code ?? `http_${error.status}`,
    text: withFaults(`${title}${detail}`, error.errors),
    exitCode: error.status === 503 ? exitCodes.away : exitCodes.failed,
    requestId: error.requestId,
  }
}

function withFaults(text: string, faults: readonly Fault[]): string {
  return [text, ...faults.map(({ pointer, detail }) => `  ${pointer === '' ? '' : `${pointer} `}${detail}`)].join('\n')
}

/** The message of an error that nobody knows may hold anything, a statement's parameters for one. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something was thrown that is no error'
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : ''
  return `${cause.name}${code}`
}
