import { deleteOldResets, voidExpiredResets } from '@portcullis/db/queries/password-reset'
import type { Tx } from '@portcullis/db/transaction'

/** Requests are kept so long, for the question who asked for what and when. */
const keepDays = 30

/**
 * One chunk of tidying: ends expired tokens, which also forgets where they were asked from, and deletes old requests.
 * Returns how many rows it touched; less than `most` of each means that it is done.
 */
export async function purgeResets(tx: Tx, most: number): Promise<{ ended: number; deleted: number }> {
  const ended = await voidExpiredResets(tx, most)
  const deleted = await deleteOldResets(tx, keepDays, most)
  return { ended: ended.length, deleted }
}
