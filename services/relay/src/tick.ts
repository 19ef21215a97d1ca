import { messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import type { Database } from '@portcullis/db/connect'
import { insertTicks, listSlots, type NewTick } from '@portcullis/db/queries/job'
import { withStore } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'

/** The messages that the house sends itself. */
const ticking = Object.values<Message>(messages).flatMap((message) =>
  message.everySeconds === undefined ? [] : [{ message, everySeconds: message.everySeconds }],
)

/**
 * Writes the ticks of the present time slots: one job per message, hearer and slot, however many relays there are and
 * whatever becomes of Redis. A slot that nobody was there for is not made up for: the present one does its work.
 * Returns how many were new.
 */
export async function writeTicks(database: Database): Promise<number> {
  return withStore(database, async (queries) => {
    const slots = await listSlots(
      queries,
      ticking.map((one) => one.everySeconds),
    )
    const ticks = ticking.flatMap(({ message }, place): NewTick[] =>
      message.heardBy.map((hearer) => ({
        id: newId('job'),
        message: message.name,
        version: message.version,
        hearer,
        payload: {},
        priority: message.priority,
        traceparent: undefined,
        slot: `${message.name}@${hearer}@${slots[place]}`,
      })),
    )
    const made = await insertTicks(queries, ticks)
    if (made > 0) queries.wake()
    return made
  })
}
