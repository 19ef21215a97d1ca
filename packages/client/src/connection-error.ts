import type { EndpointName } from '@portcullis/contracts/api/index'

/** No whole answer came: the network failed, or the server broke off. What became of the call is not known. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly call: EndpointName
  /** Code of the system, where it gave one: `ECONNREFUSED`. What else it said is not kept: it may name what was sent. */
  readonly reason: string | undefined
  /** How many times it was sent. */
  readonly attempts: number

  constructor(call: EndpointName, reason: string | undefined, attempts: number) {
    super(`${call} got no answer: ${reason ?? 'the connection failed'}`)
    this.call = call
    this.reason = reason
    this.attempts = attempts
  }
}
