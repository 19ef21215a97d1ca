import type { Database } from '@portcullis/db/connect'
import { listOverdueJobs, requeueAllPublishedJobs, requeueLostJobs } from '@portcullis/db/queries/job-upkeep'
import { withStore } from '@portcullis/db/transaction'
import type { Publisher } from '@portcullis/queue/publisher'
import type { Logger } from '@portcullis/runtime/log'

/** A published job that nobody owns is looked for in its queue after so long. */
const overdueSeconds = 10
/** While Redis is away nobody can look: then its jobs are handed to the ledger's own takers after so long. */
const overdueAwaySeconds = 2
const batchMost = 500
/** Handed out so often without an end, a job seems to take its workers with it. */
const generationMost = 50

/**
 * One round of reconciling the ledger with the queues: what is published but lost becomes pending again. After a
 * flush, or a failover to an empty replica, that is everything; `publisher` undefined: there is no Redis at all.
 * Returns whether there is more to do at once.
 */
export async function reconcileJobs(
  database: Database,
  publisher: Publisher | undefined,
  log: Logger,
): Promise<boolean> {
  const there = publisher?.answers() === true
  if (there && !(await publisher.hasMarker())) {
    // First the ledger, then the marker: a relay that dies in between is repeated, never forgotten.
    const jobs = await withStore(database, requeueAllPublishedJobs)
    await publisher.setMarker()
    if (jobs > 0) log.warn({ jobs }, 'the queues have lost their memory: published jobs are handed out again')
    return jobs > 0
  }
  const seconds = there ? overdueSeconds : overdueAwaySeconds
  const overdue = await withStore(database, (queries) => listOverdueJobs(queries, seconds, batchMost))
  const lost = there ? await publisher.listMissing(overdue) : overdue
  if (lost.length === 0) return false
  const jobs = await withStore(database, (queries) => requeueLostJobs(queries, lost, generationMost))
  if (jobs > 0) {
    log.info({ jobs }, 'lost jobs are handed out again')
    database.wake()
  }
  return lost.length === batchMost
}
