import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Actor } from './audit-event.ts'

/** Which events are wanted; all that is given must hold. */
export interface AuditFilter {
  readonly accountId?: Id<'account'> | undefined
  readonly action?: string | undefined
  /** Of staff or an API client. */
  readonly actorId?: string | undefined
  readonly requestId?: string | undefined
  /** Moments as text: not before the first, and before the second. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Where a page ended. */
export interface AuditCursor {
  /** Microseconds since 1970. */
  readonly micros: string
  readonly id: string
}

/** An event as an admin finds it. */
export interface FoundAuditEvent {
  readonly id: Id<'auditEvent'>
  readonly occurredAt: Date
  readonly micros: string
  readonly action: string
  readonly accountId: Id<'account'> | null
  readonly actor: Actor
  readonly actorId: string | null
  readonly subjectKind: string
  readonly subjectId: string | null
  readonly requestId: string | null
  readonly details: Record<string, unknown> | null
  readonly erased: boolean
  readonly sequence: number | null
  readonly seal: number | null
}

const firstId = '00000000-0000-0000-0000-000000000000'
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Ids hold the clock of the process that made them, `occurred_at` the store's: they are never further apart. */
const clocksApartMs = 3_600_000

/**
 * Searches events, newest first: of an account by `audit_events_account`, else of a call by `audit_events_request`, else of
 * staff by `audit_events_staff`, else of an action by `audit_events_action`, else all by the primary key, in the order of the
 * ids. Other filters are held against what that index gives, so a rare thing in a busy account takes as long as its history.
 */
export async function searchAuditEvents(
  queries: Queries,
  filter: AuditFilter,
  before: AuditCursor | null,
  most: number,
): Promise<FoundAuditEvent[]> {
  const { sql } = queries
  const leading = leadingOf(queries, filter)
  const order = leading ? sql`occurred_at desc, id desc` : sql`id desc`
  const rows = await sql<FoundAuditEvent[]>`
    with event as materialized (
      select * from audit_events
      where ${leading ? sql`${leading} and ${behind(queries, before)}` : inOrderOfIds(queries, filter, before)}
        and occurred_at >= ${filter.since ?? '-infinity'}::text::timestamptz
        and occurred_at < ${filter.until ?? 'infinity'}::text::timestamptz
        and (${filter.action ?? null}::text is null or action = ${filter.action ?? null})
        and (${filter.requestId ?? null}::text is null or request_id = ${filter.requestId ?? null})
        and (${filter.actorId ?? null}::uuid is null
          or (actor_id = ${filter.actorId ?? null} and actor in ('support', 'admin', 'api_client')))
      order by ${order} limit ${most}
    )
    select event.id, occurred_at as "occurredAt", (extract(epoch from occurred_at) * 1000000)::int8::text as micros,
      action, account_id as "accountId", actor, actor_id as "actorId", subject_kind as "subjectKind",
      subject_id as "subjectId", request_id as "requestId", details, salt is null as erased,
      link.sequence::float8 as sequence, link.seal::float8 as seal
    from event left join audit_chain as link on link.event_id = event.id
    order by ${order}`
  return [...rows]
}

/** The filter whose index is walked; each is a statement of its own, so that its plan is. */
function leadingOf({ sql }: Queries, filter: AuditFilter) {
  if (filter.accountId !== undefined) return sql`account_id = ${filter.accountId}`
  if (filter.requestId !== undefined) return sql`request_id = ${filter.requestId}`
  if (filter.actorId !== undefined)
    return sql`actor_id = ${filter.actorId} and actor in ('support', 'admin', 'api_client')`
  return filter.action === undefined ? undefined : sql`action = ${filter.action}`
}

function behind({ sql }: Queries, before: AuditCursor | null) {
  if (before === null) return sql`true`
  const moment = sql`timestamptz 'epoch' + ${before.micros}::int8 * interval '1 microsecond'`
  // The first condition says nothing more; it is what an index can be walked by.
  return sql`occurred_at <= ${moment} and (occurred_at, id) < (${moment}, ${before.id}::uuid)`
}

function inOrderOfIds({ sql }: Queries, { since, until }: AuditFilter, before: AuditCursor | null) {
  const from = since === undefined ? firstId : idAt(Date.parse(since) - clocksApartMs)
  const to = until === undefined ? lastId : idAt(Date.parse(until) + clocksApartMs)
  return sql`id >= ${from}::uuid and id < ${to}::uuid and id < ${before?.id ?? lastId}::uuid`
}

/** The lowest UUIDv7 of a millisecond. Source: RFC 9562 5.7. */
function idAt(milliseconds: number): string {
  const hex = Math.max(0, milliseconds).toString(16).padStart(12, '0').slice(-12)
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
