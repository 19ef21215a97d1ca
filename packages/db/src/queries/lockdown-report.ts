import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { LockdownRow } from './lockdown.ts'

/** Lockdowns in a list. */
const lockdownsMost = 50
/** Events in a report. */
const eventsMost = 500
/** Servers in a report. */
const hostsMost = 200

/** Lists the lockdowns of an account, the newest first: 50 at most. Uses `lockdowns_account`. */
export async function listLockdowns(queries: Queries, accountId: Id<'account'>): Promise<LockdownRow[]> {
  const rows = await queries.sql<LockdownRow[]>`
    select id, account_id as "accountId", trigger, reason, compromised_since as "compromisedSince", epoch, state, recovery,
      joined, snapshot, txn, opened_at as "openedAt", contained_at as "containedAt", recovered_at as "recoveredAt"
    from lockdowns where account_id = ${accountId} order by opened_at desc limit ${lockdownsMost}`
  return [...rows]
}

/** An event of the timeline. */
export interface TimelineRow {
  readonly id: Id<'auditEvent'>
  readonly at: Date
  /** Since the account was locked. */
  readonly milliseconds: number
  readonly action: string
  readonly actor: string
  readonly subjectKind: string
  readonly subjectId: string
  readonly details: Record<string, unknown>
}

/** What was recorded of the account from the lock until it was recovered, oldest first. Uses `audit_events_account`. */
export async function listTimeline(queries: Queries, id: Id<'lockdown'>): Promise<TimelineRow[]> {
  const rows = await queries.sql<TimelineRow[]>`
    select event.id, event.occurred_at as at, event.action, event.actor, event.subject_kind as "subjectKind",
      event.subject_id as "subjectId", event.details,
      greatest(extract(epoch from event.occurred_at - lockdown.opened_at) * 1000, 0)::int as milliseconds
    from lockdowns as lockdown join audit_events as event on event.account_id = lockdown.account_id
    where lockdown.id = ${id} and event.occurred_at >= lockdown.opened_at
      and event.occurred_at <= coalesce(lockdown.recovered_at, now())
    order by event.occurred_at, event.id limit ${eventsMost}`
  return [...rows]
}

/** A server that has not fetched its keys since they were withdrawn. */
export interface UnconfirmedHostRow {
  readonly rentalId: string
  readonly host: string
  readonly withdrawnAt: Date
  readonly lastFetchedAt: Date | null
}

/** Lists servers of the account on which a key was withdrawn since the lock and which have not asked since: at this moment. */
export async function listUnconfirmedHosts(queries: Queries, id: Id<'lockdown'>): Promise<UnconfirmedHostRow[]> {
  const rows = await queries.sql<UnconfirmedHostRow[]>`
    with mine as materialized (
      select rental.id, rental.host, rental.last_fetched_at, lockdown.opened_at
      from lockdowns as lockdown join rentals as rental on rental.account_id = lockdown.account_id
      where lockdown.id = ${id} and rental.ended_at is null
    )
    select mine.id as "rentalId", mine.host, withdrawn.at as "withdrawnAt", mine.last_fetched_at as "lastFetchedAt"
    from mine cross join lateral (
      select max(rental_key.changed_at) as at from rental_keys as rental_key
      where rental_key.rental_id = mine.id and rental_key.state = 'withdrawn' and rental_key.confirmed_at is null
        and rental_key.changed_at >= mine.opened_at
    ) as withdrawn
    where withdrawn.at is not null order by mine.id limit ${hostsMost}`
  return [...rows]
}
