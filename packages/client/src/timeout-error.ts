import type { EndpointName } from '@portcullis/contracts/api/index'

/** No whole answer came in time. What became of the call is not known. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly call: EndpointName
  /** How long each attempt was given. */
  readonly timeoutMs: number
  /** How many times it was sent. */
  readonly attempts: number

  constructor(call: EndpointName, timeoutMs: number, attempts: number) {
    super(`${call} got no answer within ${timeoutMs} ms`)
    this.call = call
    this.timeoutMs = timeoutMs
    this.attempts = attempts
  }
}
