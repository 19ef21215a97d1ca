import type { Database } from '@portcullis/db/connect'
import { deleteOldJobs } from '@portcullis/db/queries/job-upkeep'
import { withStore } from '@portcullis/db/transaction'

const batchMost = 1000

/** One chunk of keeping the ledger small. Returns whether there is more. */
export async function purgeLedger(database: Database, days: number): Promise<boolean> {
  return (await withStore(database, (queries) => deleteOldJobs(queries, days, batchMost))) === batchMost
}
