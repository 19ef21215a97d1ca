import type { Database } from '@portcullis/db/connect'
import { claimDueJobs, takeBackJobs } from '@portcullis/db/queries/job'
import { withStore } from '@portcullis/db/transaction'
import type { Publisher } from '@portcullis/queue/publisher'

/** Jobs handed to one queue in one round. */
const batchMost = 500

/**
 * One round of publishing: claims due jobs, marks them published under their next generation, adds them to their
 * queues. A crash in between publishes late, or twice: both are harmless. Returns whether more may be due at once.
 */
export async function publishDueJobs(database: Database, publisher: Publisher): Promise<boolean> {
  // Claimed while Redis is away they would only be taken back; the workers take them from the ledger meanwhile.
  if (!publisher.answers()) return false
  const rooms = (await publisher.measureRooms())
    .map((room) => ({ ...room, most: Math.min(room.most, batchMost) }))
    .filter((room) => room.most > 0)
  const claimed = await withStore(database, (queries) => claimDueJobs(queries, rooms))
  if (claimed.length === 0) return false
  try {
    await publisher.publish(claimed)
  } catch (error) {
    // Some may be in their queue: those deliveries carry a generation that will be out of date, and are ignored.
    await withStore(database, (queries) => takeBackJobs(queries, claimed))
    throw error
  }
  const handed = Map.groupBy(claimed, (dispatch) => dispatch.hearer)
  return rooms.some((room) => handed.get(room.hearer)?.length === room.most)
}
