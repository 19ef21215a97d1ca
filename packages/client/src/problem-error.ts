import { errors, type ErrorCode, type Fault } from '@portcullis/contracts/errors'
import type { EndpointName } from '@portcullis/contracts/api/index'

/** What a refusal tells. */
export interface ProblemFacts {
  readonly call: EndpointName
  readonly status: number
  readonly code: ErrorCode | undefined
  readonly title: string | undefined
  readonly detail: string | undefined
  readonly errors: readonly Fault[]
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly attempts: number
}

/**
 * The server refused the call (RFC 9457). Holds what the server said, never what was sent.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  /** The call that was refused: `createSession`. */
  readonly call: EndpointName
  readonly status: number
  /**
   * Why, from the closed catalogue: decide by it. Undefined where the answer had no problem in it (a call whose refusals are
   * empty, a proxy in between), or a code that only a newer server knows; then decide by `status`.
   */
  readonly code: ErrorCode | undefined
  /** What went wrong this time, in words for people; undefined where the answer had no problem in it. */
  readonly detail: string | undefined
  /** Each broken rule: field (JSON Pointer, RFC 6901), stable code, words. */
  readonly errors: readonly Fault[]
  /** Names the request in the log of the server. */
  readonly requestId: string | undefined
  /** When to come back, in seconds, where the server said so. */
  readonly retryAfterSeconds: number | undefined
  /** How many times it was sent. Above 1 an earlier one may have done what this answer speaks of. */
  readonly attempts: number

  constructor(facts: ProblemFacts) {
    super(
      `${facts.call} was refused: ${facts.status}${facts.code ? ` ${facts.code}` : ''}. ${facts.title ?? ''}`.trim(),
    )
    this.call = facts.call
    this.status = facts.status
    this.code = facts.code
    this.detail = facts.detail
    this.errors = facts.errors
    this.requestId = facts.requestId
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.attempts = facts.attempts
  }

  /** Whether the same call may succeed later without a change. */
  get mayRetry(): boolean {
    return this.code === undefined ? this.status === 429 || this.status >= 500 : errors[this.code].retry
  }
}
