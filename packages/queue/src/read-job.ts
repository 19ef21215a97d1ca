import { findMessage, type MessageName } from '@portcullis/contracts/messages/index'
import type { LockedJob } from '@portcullis/db/queries/job'
import { newTraceparent } from '@portcullis/runtime/tracing'
import type { Handler, Job } from './handler.ts'
import { later, type Outcome, skip, stop } from './outcome.ts'

/** A row of the ledger that a handler of this service can work on. */
export interface ReadableJob {
  readonly row: LockedJob
  readonly job: Job<MessageName>
  readonly handler: Handler<MessageName>
}

/** A newer release knows the message: it is left to that release's workers, and looked at again in a minute. */
const unknownDelayMs = 60_000

/** Finds the handler of a row and parses its payload; an outcome where that cannot be. */
export function readJob(
  row: LockedJob,
  handlers: Readonly<Record<string, Handler<MessageName>>>,
): ReadableJob | Outcome {
  const message = findMessage(row.message)
  const handler = handlers[row.message]
  const schema =
    message && Object.hasOwn(message.payloads, row.version) ? Object(message.payloads)[row.version] : undefined
  if (!message || !handler || !schema) return later(unknownDelayMs, 'message_unknown')
  if ('usefulSeconds' in message && row.ageSeconds > message.usefulSeconds) {
    // A tick that nobody was there for is made up for by the next; anything else that came too late is for an operator.
    return 'everySeconds' in message ? skip('expired') : stop('expired')
  }
  const payload = schema.safeParse(row.payload)
  if (!payload.success) return stop('payload_invalid')
  const job: Job<MessageName> = {
    id: row.id,
    message: message.name,
    payload: payload.data,
    attempts: row.attempts,
    createdAt: row.createdAt,
    traceparent: row.traceparent ?? newTraceparent(),
  }
  return { row, job, handler }
}
