import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { type Actor, insertAuditEvents } from '@portcullis/db/queries/audit-event'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'

/** A fact, as a verb states it. */
export interface Fact {
  readonly action: AuditAction
  readonly accountId: Id<'account'> | null
  readonly actor: Actor
  readonly actorId?: string
  readonly subject: { readonly kind: string; readonly id: string }
  readonly requestId?: string
  readonly details?: Record<string, unknown>
}

/** Records facts in the transaction that makes them true. */
export async function recordFacts(tx: Tx, facts: readonly Fact[]): Promise<void> {
  await insertAuditEvents(
    tx,
    facts.map((fact) => ({
      id: newId('auditEvent'),
      action: fact.action,
      accountId: fact.accountId,
      actor: fact.actor,
      actorId: fact.actorId ?? null,
      subjectKind: fact.subject.kind,
      subjectId: fact.subject.id,
      requestId: fact.requestId ?? null,
      details: fact.details ?? {},
    })),
  )
}
