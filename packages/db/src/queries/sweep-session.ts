import type { Tx } from '../transaction.ts'
import { insertDeliveryJobs } from './webhook-delivery-job.ts'

/** One chunk that was taken. */
export interface SweptChunk {
  readonly rows: number
  /** Where the next chunk begins: a moment as the store writes it. Absent after an empty chunk. */
  readonly last: string | undefined
}

/** What makes a session leave. */
export type SessionSweep =
  /** Not seen for so long. Uses `sessions_idle`. */
  | { readonly by: 'last_seen_at'; readonly idleSeconds: number }
  /** Its absolute limit has come. Uses `sessions_expires`. */
  | { readonly by: 'expires_at' }

/**
 * Deletes up to `most` sessions that ran out, the oldest first, and writes in the same statement an audit event for each,
 * with what the endpoints that subscribed to it are owed. What somebody else holds is passed over. `from`: where the last
 * chunk ended; without it each chunk would walk over the dead index entries of all before it.
 */
export async function sweepSessions(
  tx: Tx,
  sweep: SessionSweep,
  most: number,
  from: string | undefined,
): Promise<SweptChunk> {
  const key = tx.sql(sweep.by)
  const idleSeconds = sweep.by === 'last_seen_at' ? sweep.idleSeconds : 0
  const because = sweep.by === 'last_seen_at' ? 'idle' : 'expired'
  const [row] = await tx.sql<{ rows: number; last: string | null; owed: number }[]>`
    with gone as (
      delete from sessions where ctid = any(array(
        select ctid from sessions
        where revoked_at is null and ${key} <= now() - ${idleSeconds} * interval '1 s'
          and ${key} >= ${from ?? '-infinity'}::text::timestamptz
        order by ${key} limit ${most} for update skip locked
      )) returning id, account_id, ${key} as moment
    ), event as (
      insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
      select uuidv7(), 'session_expired', account_id, 'system', 'session', id, ${tx.sql.json({ because })} from gone
      returning id, action
    ), delivery as (
      insert into webhook_deliveries (id, endpoint_id, audit_event_id)
      select uuidv7(), endpoint.id, event.id
      from webhook_endpoints as endpoint join event on event.action = any(endpoint.actions)
      where endpoint.state = 'active'
      returning id, lockdown_id
    ), job as (${insertDeliveryJobs(tx)})
    select (select count(*)::int from gone) as rows, (select max(moment)::text from gone) as last,
      (select count(*)::int from job) as owed`
  if (!row) throw new Error('a count is always answered')
  if (row.owed > 0) tx.wakeAfterCommit()
  return { rows: row.rows, last: row.last ?? undefined }
}

/** Deletes up to `most` sessions that were ended longer ago than `days`. Uses `sessions_ended`. */
export async function deleteEndedSessions(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from sessions where ctid = any(array(
      select ctid from sessions where revoked_at is not null and revoked_at < now() - ${days} * interval '1 day'
      order by revoked_at limit ${most} for update skip locked
    ))`
  return count
}
