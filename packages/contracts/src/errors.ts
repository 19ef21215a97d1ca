/**
 * The closed catalogue of refusals: what a caller may be told, with the HTTP status that carries it.
 * `title` is a public sentence; `retry` tells whether the same request may succeed later without a change.
 * Source: RFC 9457 (problem details), OWASP ASVS 5 16.5.1 (generic errors).
 */
export const errors = {
  malformed_request: { status: 400, retry: false, title: 'The request cannot be read.' },
  credential_required: { status: 401, retry: false, title: 'A living credential is needed. Log in.' },
  login_refused: { status: 401, retry: false, title: 'Address, password or code is wrong.' },
  reauthentication_required: { status: 403, retry: false, title: 'Prove that it is you, then try again.' },
  proof_refused: { status: 403, retry: false, title: 'Password or code is wrong.' },
  scope_missing: { status: 403, retry: false, title: 'This credential may not make this call.' },
  not_allowed: { status: 403, retry: false, title: 'Your role may not make this call.' },
  second_factor_required: {
    status: 403,
    retry: false,
    title:
      'Your role makes this call only in a session with a second factor. Set up two-factor login, or log in with your code.',
  },
  two_factor_mandatory: { status: 403, retry: false, title: 'Your role needs two-factor login.' },
  factor_required: { status: 403, retry: false, title: 'One factor of the account is needed as well.' },
  cross_site_refused: { status: 403, retry: false, title: 'This call came from another site.' },
  not_found: { status: 404, retry: false, title: 'There is nothing here, or it is not yours.' },
  method_not_allowed: { status: 405, retry: false, title: 'This address does not know that method.' },
  two_factor_is_on: { status: 409, retry: false, title: 'Two-factor login is on already.' },
  two_factor_not_begun: { status: 409, retry: false, title: 'There is no two-factor login to do this with.' },
  staff_account: { status: 409, retry: false, title: 'An account of the staff is not closed.' },
  own_account: { status: 409, retry: false, title: 'Nobody does this to their own account.' },
  account_is_locked: { status: 409, retry: false, title: 'The account is locked. Only its owner recovers it.' },
  job_not_dead: { status: 409, retry: false, title: 'This job is not dead.' },
  limit_reached: { status: 409, retry: false, title: 'No more of these can be had at a time.' },
  out_of_order: { status: 409, retry: false, title: 'This step is not due now.' },
  cooling_down: { status: 409, retry: false, title: 'The address was changed lately. This has to wait.' },
  already_rotated: { status: 409, retry: false, title: 'This key was rotated already.' },
  already_there: { status: 409, retry: false, title: 'This is there already.' },
  body_too_large: { status: 413, retry: false, title: 'The body is larger than this call accepts.' },
  unsupported_media_type: { status: 415, retry: false, title: 'The body is not of the type that this call takes.' },
  host_unknown: { status: 421, retry: false, title: 'This server does not answer for that host.' },
  validation_failed: { status: 422, retry: false, title: 'The request breaks a rule.' },
  password_refused: { status: 422, retry: false, title: 'This password cannot be used.' },
  token_invalid: { status: 422, retry: false, title: 'This link is not valid, or no longer. Ask for a new one.' },
  code_refused: { status: 422, retry: false, title: 'The code is wrong, or was used.' },
  idempotency_key_reused: {
    status: 422,
    retry: false,
    title: 'This Idempotency-Key was used with another request.',
  },
  rate_limited: { status: 429, retry: true, title: 'Too many requests. Wait, then try again.' },
  internal_error: { status: 500, retry: true, title: 'Something went wrong here. It has been recorded.' },
  store_unavailable: { status: 503, retry: true, title: 'The store is away. Nothing was changed; try again shortly.' },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>

/** A code of the catalogue: stable, part of the contract. */
export type ErrorCode = keyof typeof errors

/** One broken rule: where (JSON Pointer, RFC 6901), which (stable code) and in words. */
export interface Fault {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** What a `Failure` may carry besides its code. */
export interface FailureOptions {
  /** For the log of the operator. Must hold no secret and no personal data. */
  readonly internal?: string
  readonly cause?: unknown
  /** For the caller: each broken rule. */
  readonly faults?: readonly Fault[]
  /** For the caller: when to come back, in whole seconds (`Retry-After`). */
  readonly retryAfterSeconds?: number
}

/**
 * The one exception of the house: a refusal from the catalogue, with one text for the caller (the catalogue's)
 * and another for the operator (`internal`). Expected answers are return values; a plain `Error` is a bug.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, options: FailureOptions = {}) {
    super(options.internal ?? errors[code].title, { cause: options.cause })
    this.code = code
    this.faults = options.faults ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
