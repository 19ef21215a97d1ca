import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'

/** Who did it. */
export type Actor = 'anonymous' | 'account' | 'api_client' | 'support' | 'admin' | 'system'

/** A fact to be recorded. Holds ids and codes: no address, no secret. */
export interface NewAuditEvent {
  readonly id: Id<'auditEvent'>
  /** OWASP logging vocabulary where it has a word. */
  readonly action: string
  readonly accountId: Id<'account'> | null
  readonly actor: Actor
  readonly actorId: string | null
  readonly subjectKind: string
  readonly subjectId: string
  readonly requestId: string | null
  readonly details: Record<string, unknown>
}

/** Records facts in the transaction that makes them true. */
export async function insertAuditEvents(tx: Tx, events: readonly NewAuditEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.sql`
    insert into audit_events (id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details)
    select id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details::jsonb
    from unnest(
      ${events.map((event) => event.id)}::uuid[], ${events.map((event) => event.action)}::text[],
      ${events.map((event) => event.accountId)}::uuid[], ${events.map((event) => event.actor)}::text[],
      ${events.map((event) => event.actorId)}::uuid[], ${events.map((event) => event.subjectKind)}::text[],
      ${events.map((event) => event.subjectId)}::uuid[], ${events.map((event) => event.requestId)}::text[],
      ${events.map((event) => JSON.stringify(event.details))}::text[]
    ) as new (id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details)`
}
