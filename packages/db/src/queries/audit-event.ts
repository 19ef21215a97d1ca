import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'
import { insertDeliveryJobs } from './webhook-delivery-job.ts'

/** Who did it. */
export type Actor = 'anonymous' | 'account' | 'api_client' | 'support' | 'admin' | 'system'

/** A fact to be recorded. Holds ids and codes: no address, no secret. */
export interface NewAuditEvent {
  readonly id: Id<'auditEvent'>
  /** OWASP logging vocabulary where it has a word. */
  readonly action: AuditAction
  readonly accountId: Id<'account'> | null
  readonly actor: Actor
  readonly actorId: string | null
  readonly subjectKind: string
  readonly subjectId: string
  readonly requestId: string | null
  readonly details: Record<string, unknown>
}

/**
 * Records facts in the transaction that makes them true, and owes each to every endpoint that subscribed to it: deliveries
 * and their jobs are written by the same statement, so no fact goes untold and none is told that was rolled back. Without
 * an endpoint that is one look at an empty index. Uses `webhook_endpoints_active`.
 */
export async function insertAuditEvents(tx: Tx, events: readonly NewAuditEvent[]): Promise<void> {
  if (events.length === 0) return
  const owed = await tx.sql`
    with event as (
      insert into audit_events (id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details)
      select id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details::jsonb
      from unnest(
        ${events.map((event) => event.id)}::uuid[], ${events.map((event) => event.action)}::text[],
        ${events.map((event) => event.accountId)}::uuid[], ${events.map((event) => event.actor)}::text[],
        ${events.map((event) => event.actorId)}::uuid[], ${events.map((event) => event.subjectKind)}::text[],
        ${events.map((event) => event.subjectId)}::uuid[], ${events.map((event) => event.requestId)}::text[],
        ${events.map((event) => JSON.stringify(event.details))}::text[]
      ) as new (id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details)
      returning id, action, details
    ), delivery as (
      insert into webhook_deliveries (id, endpoint_id, audit_event_id, lockdown_id)
      select uuidv7(), endpoint.id, event.id, (event.details->>'lockdownId')::uuid
      from webhook_endpoints as endpoint join event on event.action = any(endpoint.actions)
      where endpoint.state = 'active'
      returning id, lockdown_id
    ) ${insertDeliveryJobs(tx)}`
  if (owed.length > 0) tx.wakeAfterCommit()
}

/** Whose account, and which thing of it. */
export interface AuditedSubject {
  readonly accountId: Id<'account'>
  readonly id: string
}

/** Which of these subjects such an event was recorded of within the last hour. Uses `audit_events_account`. */
export async function listAuditedLastHour(
  tx: Tx,
  action: string,
  subjects: readonly AuditedSubject[],
): Promise<Set<string>> {
  const rows = await tx.sql<{ id: string }[]>`
    select asked.id from unnest(
      ${subjects.map((one) => one.accountId)}::uuid[], ${subjects.map((one) => one.id)}::uuid[]
    ) as asked (account_id, id)
    where exists (
      select from audit_events as event
      where event.account_id = asked.account_id and event.occurred_at > now() - interval '1 hour'
        and event.action = ${action} and event.subject_id = asked.id)`
  return new Set(rows.map((row) => row.id))
}
