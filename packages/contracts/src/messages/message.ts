import type { z } from 'zod'
import type { Service } from '../service.ts'

/** How urgent a message is: the relay hands out lower numbers first. */
export const priorities = { security: 0, transactional: 10, bulk: 20 } as const

/** One message of the house: what a service tells another, said once for sender and hearer. */
export interface Message {
  /** `noun.past` for what happened, `verb.noun` for what is to be done. */
  readonly name: string
  /** The services that get a job each. */
  readonly heardBy: readonly Service[]
  /** Version that is written now. Readers are rolled out first, writers second; an unknown version is put off. */
  readonly version: number
  /** A schema for each version that may still be read. Payloads hold ids, never secrets or addresses. */
  readonly payloads: Readonly<Record<number, z.ZodType>>
  readonly priority: number
  /** After so many failed attempts the job is dead and waits for an operator. */
  readonly attemptsMost: number
  /** Seconds after which the job is of no use any more and ends as `expired`. Absent: never. */
  readonly usefulSeconds?: number
  /** The house itself sends this message once per slot of so many seconds. */
  readonly everySeconds?: number
  /** Goes on though an operator has paused its queue: whoever must be told of a pause is told by it. */
  readonly neverPaused?: true
}

/** Declares a message, keeping its exact types. */
export function defineMessage<const M extends Message>(message: M): M {
  return message
}
