import type { Id } from '@portcullis/contracts/ids'
import { findOpenLockdown } from '@portcullis/db/queries/lockdown'
import { countLockdownMails } from '@portcullis/db/queries/lockdown-telling'
import type { Tx } from '@portcullis/db/transaction'
import { type NoticeCaller, notifyOwner } from '../notice/notify.ts'

/**
 * Mails the way back into a locked account once more, to its trusted address, in the caller's transaction; at most
 * `limitPerHour` within an hour, the first one included. The account must be locked by this transaction. `false`: there is
 * no lockdown, or the mailbox had enough.
 */
export async function mailRecoveryAgain(
  tx: Tx,
  accountId: Id<'account'>,
  caller: NoticeCaller,
  limitPerHour: number,
): Promise<boolean> {
  const lockdown = await findOpenLockdown(tx, accountId)
  if (!lockdown || (await countLockdownMails(tx, lockdown.id)) >= limitPerHour) return false
  await notifyOwner(tx, { accountId, kind: 'account_locked', caller, lockdownId: lockdown.id })
  return true
}
