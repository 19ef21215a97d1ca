import { listUncontainedLockdowns } from '@portcullis/db/queries/lockdown-step'
import type { Tx } from '@portcullis/db/transaction'
import { enqueue } from '../job/enqueue.ts'

/** Lockdowns of one look. */
const watchedMost = 500
/** A lockdown has this long before anybody looks after it. */
const patienceSeconds = 30

/**
 * Says `run.lockdown` again for lockdowns that are not contained, in the caller's transaction, whatever became of the jobs
 * that were to do it. Returns how many.
 */
export async function watchLockdowns(tx: Tx, traceparent: string): Promise<number> {
  const ids = await listUncontainedLockdowns(tx, watchedMost, patienceSeconds)
  for (const lockdownId of ids) await enqueue(tx, 'run.lockdown', { lockdownId }, traceparent)
  return ids.length
}
