import type { Database } from '@portcullis/db/connect'
import { findChangeByRevertHash } from '@portcullis/db/queries/email-change-token'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import { revertConfirmedChange } from '@portcullis/db/queries/lockdown-revert'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { openLockdown } from '../lockdown/open.ts'
import { notifyOwner } from '../notice/notify.ts'
import { hashMailedToken } from '../token/mailed-token.ts'
import { changeFact } from './change-fact.ts'

/**
 * Takes a change of address back with the token from the old mailbox: `true` for exactly one caller. The old address is the
 * account's again, and the account is locked down: whoever had it changed was inside, with the password and perhaps more, and
 * the address alone would not keep them out. Suspect is what was done since the change was asked for. `false` for a wrong,
 * used, expired or cut token.
 */
export async function revertEmailChange(database: Database, token: string, caller: Caller): Promise<boolean> {
  const hash = hashMailedToken(token)
  const change = await withStore(database, (queries) => findChangeByRevertHash(queries, hash))
  if (!change) return false
  const { id, accountId } = change
  const actor = 'anonymous' as const
  return inTransaction(database, async (tx) => {
    // The account first: a lockdown, a recovery and a further change wait here, or are waited for.
    if ((await lockAccountState(tx, accountId)) === undefined) return false
    if (!(await revertConfirmedChange(tx, accountId, id))) return false
    await recordFacts(tx, [
      changeFact('email_change_reverted', change, { actor, requestId: caller.requestId }, { by: 'link' }),
    ])
    await notifyOwner(tx, { accountId, kind: 'email_change_reverted', caller })
    // After the address is back, so that the way back in goes there. One that is open is joined.
    await openLockdown(tx, {
      accountId,
      trigger: 'email_reverted',
      reason: null,
      compromisedSince: change.requestedAt,
      actor,
      caller,
    })
    tx.wakeAfterCommit()
    return true
  })
}
