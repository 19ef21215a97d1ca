import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'
import { isRevertible } from './email-change.ts'

/**
 * Gives an account its former address back, while its confirmed change can be reverted and nobody else has the address;
 * `false` otherwise. The account must be locked by this transaction.
 */
export async function revertConfirmedChange(tx: Tx, accountId: Id<'account'>, changeId: string): Promise<boolean> {
  const rows = await tx.sql`
    with reverted as (
      update email_changes as change set state = 'reverted', ended_at = now()
      where change.id = ${changeId}::uuid and change.account_id = ${accountId} and ${isRevertible(tx, 'change')}
        and not exists (
          select from accounts as other where other.email_key = change.old_email_key and other.id <> change.account_id)
      returning change.old_email, change.old_email_key
    )
    update accounts set email = reverted.old_email, email_key = reverted.old_email_key from reverted
    where accounts.id = ${accountId} returning accounts.id`
  return rows.length === 1
}
