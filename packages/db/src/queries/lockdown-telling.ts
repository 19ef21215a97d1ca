import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'

// What others do on their own account: the notifier mails, delivers and tells. A lockdown only looks whether they have.

/** Whether the owner was told. */
export interface OwnerTold {
  readonly lockdownId: Id<'lockdown'>
  /** When the first mail that tells of it was taken by the mail server. */
  readonly mailedAt: Date | null
}

/** Looks when the owners were told. Uses `notices_lockdown`. */
export async function listOwnersTold(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<OwnerTold[]> {
  const rows = await queries.sql<OwnerTold[]>`
    select lockdown.id as "lockdownId", (
      select min(notice.mailed_at) from notices as notice
      where notice.lockdown_id = lockdown.id and notice.kind = 'account_locked') as "mailedAt"
    from lockdowns as lockdown where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** How the deliveries of a lockdown stand. */
export interface ReceiversTold {
  readonly lockdownId: Id<'lockdown'>
  readonly pending: number
  readonly delivered: number
  /** Given up on. */
  readonly dead: number
}

/** Counts the deliveries that tell of lockdowns. Uses `webhook_deliveries_lockdown`. */
export async function countReceiversTold(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<ReceiversTold[]> {
  const rows = await queries.sql<ReceiversTold[]>`
    select lockdown.id as "lockdownId", told.pending, told.delivered, told.dead
    from lockdowns as lockdown cross join lateral (
      select count(*) filter (where state = 'pending')::int as pending,
        count(*) filter (where state = 'delivered')::int as delivered, count(*) filter (where state = 'dead')::int as dead
      from webhook_deliveries where lockdown_id = lockdown.id
    ) as told
    where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** Whether support was told. */
export interface SupportTold {
  readonly lockdownId: Id<'lockdown'>
  /** `support_told`, or `support_not_configured`: there is nobody to tell. */
  readonly action: string | null
  readonly at: Date | null
}

/** Looks whether support was told, by the audit events of it. Uses `audit_events_account`. */
export async function listSupportTold(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<SupportTold[]> {
  const rows = await queries.sql<SupportTold[]>`
    select lockdown.id as "lockdownId", told.action, told.occurred_at as at
    from lockdowns as lockdown left join lateral (
      select action, occurred_at from audit_events as event
      where event.account_id = lockdown.account_id and event.occurred_at >= lockdown.opened_at
        and event.subject_id = lockdown.id and event.action in ('support_told', 'support_not_configured')
      order by event.occurred_at limit 1
    ) as told on true
    where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** How many mails of a lockdown were owed within the last hour. Uses `notices_lockdown`. */
export async function countLockdownMails(queries: Queries, id: Id<'lockdown'>): Promise<number> {
  const [row] = await queries.sql<{ mails: number }[]>`
    select count(*)::int as mails from notices
    where lockdown_id = ${id} and kind = 'account_locked' and occurred_at > now() - interval '1 hour'`
  return row?.mails ?? 0
}
