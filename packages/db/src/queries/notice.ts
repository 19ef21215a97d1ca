import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'

/** Something an owner must be told. */
export interface NewNotice {
  readonly id: Id<'notice'>
  readonly accountId: Id<'account'>
  readonly kind: NoticeKind
  readonly ip: string | null
  readonly userAgent: string | null
  readonly details: Record<string, unknown> | null
  readonly lockdownId: Id<'lockdown'> | null
  /** For the token of its "this wasn't me" link. */
  readonly linkSalt: Uint8Array
}

/** Records a notice that is due. */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<void> {
  const one = notice
  await tx.sql`
    insert into notices (id, account_id, kind, ip, user_agent, details, lockdown_id, link_salt)
    values (${one.id}, ${one.accountId}, ${one.kind}, ${one.ip}, ${one.userAgent},
      ${one.details === null ? null : JSON.stringify(one.details)}::text::jsonb, ${one.lockdownId}, ${one.linkSalt})`
}

/** Whether an owner was owed a notice of a kind within the last hour. Uses `notices_account`. */
export async function isNoticeOwedLately(tx: Tx, accountId: Id<'account'>, kind: NoticeKind): Promise<boolean> {
  const rows = await tx.sql`
    select id from notices
    where account_id = ${accountId} and id > ${oldestIdWithin(tx, 1 / 24)} and kind = ${kind} limit 1`
  return rows.length === 1
}

/** Deletes up to `most` notices older than `days`. */
export async function deleteOldNotices(tx: Tx, days: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from notices where id < ${oldestIdWithin(tx, days)} order by id limit ${most} for update skip locked
    )
    delete from notices using old where notices.id = old.id returning notices.id`
  return rows.length
}
