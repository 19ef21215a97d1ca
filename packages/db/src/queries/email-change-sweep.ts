import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'
import { isRevertible } from './email-change.ts'

/** A change of address that has come to its end. */
export interface EndedChange {
  readonly id: Id<'emailChange'>
  readonly accountId: Id<'account'>
  readonly state: 'final' | 'void'
}

/**
 * Ends up to `most` confirmed changes that can no longer be taken back, and as many requests that were never confirmed.
 * Whatever is judged is judged by the moments, so nothing waits for this. Uses `email_changes_revertible`,
 * `email_changes_expires_at`.
 */
export async function updateChangesEnded(tx: Tx, most: number): Promise<EndedChange[]> {
  const settled = await tx.sql<EndedChange[]>`
    with due as (
      select id from email_changes as change
      where change.state = 'confirmed' and change.revert_until <= now() and not (${isRevertible(tx, 'change')})
      order by change.revert_until limit ${most} for update skip locked
    )
    update email_changes as change set state = 'final', ended_at = now() from due where change.id = due.id
    returning change.id, change.account_id as "accountId", change.state`
  const expired = await tx.sql<EndedChange[]>`
    with due as (
      select id from email_changes where state = 'requested' and expires_at <= now()
      order by expires_at limit ${most} for update skip locked
    )
    update email_changes as change set state = 'void', ended_at = now() from due where change.id = due.id
    returning change.id, change.account_id as "accountId", change.state`
  return [...settled, ...expired]
}

/** A change lives at most so long: a day to be confirmed, seven to be taken back, and a day for the sweep to say so. */
const lifeDays = 9

/** Deletes up to `most` changes that were over `days` ago. Ids are in order of time, so the primary key finds them. */
export async function deleteOldEmailChanges(tx: Tx, days: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from email_changes
      where id < ${oldestIdWithin(tx, days + lifeDays)} and state in ('final', 'void', 'reverted')
      order by id limit ${most} for update skip locked
    )
    delete from email_changes using old where email_changes.id = old.id returning email_changes.id`
  return rows.length
}
