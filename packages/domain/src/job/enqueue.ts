import { messages, type MessageName, type Payload } from '@portcullis/contracts/messages/index'
import { insertJobs } from '@portcullis/db/queries/job'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'

/** Says a message in the caller's transaction: one job for each service that hears it. */
export async function enqueue<Name extends MessageName>(
  tx: Tx,
  name: Name,
  payload: Payload<Name>,
  traceparent: string | undefined,
): Promise<void> {
  const message = messages[name]
  await insertJobs(
    tx,
    message.heardBy.map((hearer) => ({
      id: newId('job'),
      message: name,
      version: message.version,
      hearer,
      payload,
      priority: message.priority,
      traceparent,
    })),
  )
}
