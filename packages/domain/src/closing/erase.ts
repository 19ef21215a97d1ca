import {
  addErased,
  type DueClosing,
  isErasable,
  lockClosing,
  updateClosingEnded,
  updateClosingErased,
} from '@portcullis/db/queries/account-closing'
import {
  type ErasedCounts,
  eraseAccount,
  eraseAudit,
  eraseChunk,
  isOwedToEndpoint,
} from '@portcullis/db/queries/erasure'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'

/** For so long the last mail is tried and rented servers are waited for; then the data goes all the same. */
const waitHours = 24

/** What came of a chunk. `more`: the next one goes on. `later`: something is waited for. */
export type Erased = 'more' | 'done' | 'later' | 'over'

/**
 * Erases one chunk of the data of an account that is closed, in the caller's transaction; the last one takes the account's row,
 * with the audit event `user_deleted`. Repeated, it goes on where it stands. Counts are kept with the closing.
 */
export async function eraseClosed(tx: Tx, closing: DueClosing, most: number): Promise<Erased> {
  const { id, accountId } = closing
  const state = await lockAccountState(tx, accountId)
  if (!(await lockClosing(tx, id, 'closed'))) return 'over'
  if (!(await isErasable(tx, id, waitHours))) return 'later'
  const counts: ErasedCounts = state === undefined ? {} : await eraseChunk(tx, closing, most)
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (rows > 0) {
    await addErased(tx, id, counts)
    return 'more'
  }
  await addErased(tx, id, await eraseAccount(tx, accountId))
  await recordFacts(tx, [
    { action: 'user_deleted', accountId, actor: 'system', subject: { kind: 'account', id: accountId } },
  ])
  await updateClosingErased(tx, id)
  return 'done'
}

/**
 * Makes one chunk of the audit trail of an account that is gone pseudonymous: what is sealed, and told to every endpoint. Source:
 * GDPR Art. 17(3)(b), (e): the trail itself is kept.
 */
export async function eraseClosedAudit(tx: Tx, { id, accountId }: DueClosing, most: number): Promise<Erased> {
  if (!(await lockClosing(tx, id, 'erased'))) return 'over'
  if (await isOwedToEndpoint(tx, accountId)) return 'later'
  const { erased, left } = await eraseAudit(tx, accountId, most)
  if (erased > 0) await addErased(tx, id, { audit_events: erased })
  if (left) return erased > 0 ? 'more' : 'later'
  await updateClosingEnded(tx, id)
  return 'done'
}
