import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '../notice-kind.ts'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'

/** Something an owner must be told. */
export interface NewNotice {
  readonly id: Id<'notice'>
  readonly accountId: Id<'account'>
  readonly kind: NoticeKind
  readonly ip: string | null
  readonly userAgent: string | null
}

/** Records a notice that is due. */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<void> {
  await tx.sql`
    insert into notices (id, account_id, kind, ip, user_agent)
    values (${notice.id}, ${notice.accountId}, ${notice.kind}, ${notice.ip}, ${notice.userAgent})`
}

/** A notice with the owner it is for. */
export interface NoticeWithRecipient {
  readonly id: Id<'notice'>
  readonly kind: NoticeKind
  readonly accountId: Id<'account'>
  readonly ip: string | null
  readonly userAgent: string | null
  readonly occurredAt: Date
  readonly email: string
  readonly name: string
}

/** Reads notices and the addresses they go to. A notice whose account is gone is gone too. */
export async function listNoticesWithRecipient(
  tx: Tx,
  ids: readonly Id<'notice'>[],
): Promise<Map<Id<'notice'>, NoticeWithRecipient>> {
  const rows = await tx.sql<NoticeWithRecipient[]>`
    select notice.id, notice.kind, notice.account_id as "accountId", host(notice.ip) as ip,
      notice.user_agent as "userAgent", notice.occurred_at as "occurredAt", account.email, account.name
    from notices as notice join accounts as account on account.id = notice.account_id
    where notice.id = any(${[...ids]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row]))
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
