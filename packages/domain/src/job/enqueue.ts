import { messages, type MessageName, type Payload } from '@portcullis/contracts/messages/index'
import { insertJobs } from '@portcullis/db/queries/job'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'

/** Something that is said, and what it is part of. */
export interface Said<Name extends MessageName> {
  readonly payload: Payload<Name>
  readonly traceparent: string | undefined
}

/** Says a message in the caller's transaction: one job for each service that hears it. */
export async function enqueue<Name extends MessageName>(
  tx: Tx,
  name: Name,
  payload: Payload<Name>,
  traceparent: string | undefined,
  /** Wait so long before it is due. */
  delayMs = 0,
): Promise<void> {
  await enqueueAll(tx, name, [{ payload, traceparent }], delayMs)
}

/** Says a message several times, in one statement. */
export async function enqueueAll<Name extends MessageName>(
  tx: Tx,
  name: Name,
  said: readonly Said<Name>[],
  delayMs = 0,
): Promise<void> {
  const { heardBy, version, priority } = messages[name]
  await insertJobs(
    tx,
    said.flatMap(({ payload, traceparent }) =>
      heardBy.map((hearer) => ({
        id: newId('job'),
        message: name,
        version,
        hearer,
        payload,
        priority,
        traceparent,
        delayMs,
      })),
    ),
  )
}
