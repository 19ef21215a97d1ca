import type { EndpointName } from '@portcullis/contracts/api/index'

/** What was wrong with an answer. */
export interface AnswerFacts {
  readonly call: EndpointName
  readonly status: number
  readonly requestId: string | undefined
  /** Fields that are not what the contract says, as JSON Pointers (empty: the whole). Never their values: an answer may hold secrets. */
  readonly pointers: readonly string[]
}

/** The server answered, but not as the contract says: something else stands at that address, or the versions are apart. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly call: EndpointName
  readonly status: number
  readonly requestId: string | undefined
  readonly pointers: readonly string[]

  constructor(facts: AnswerFacts) {
    const where = facts.pointers.some((pointer) => pointer !== '') ? ` at ${facts.pointers.join(', ')}` : ''
    super(`${facts.call} was answered with ${facts.status}, and not as the contract says${where}`)
    this.call = facts.call
    this.status = facts.status
    this.requestId = facts.requestId
    this.pointers = facts.pointers
  }
}
