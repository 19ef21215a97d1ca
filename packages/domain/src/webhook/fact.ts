import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Fact } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** An admin who asks, and how. */
export interface AskingAdmin {
  readonly session: LivingSession
  readonly caller: Caller
}

/** A fact about an endpoint that an admin has brought about. Never holds the address: its path may be a secret. */
export function endpointFact(
  action: AuditAction,
  { session, caller }: AskingAdmin,
  id: Id<'webhookEndpoint'>,
  details: Record<string, unknown> = {},
): Fact {
  return {
    action,
    accountId: null,
    actor: 'admin',
    actorId: session.accountId,
    subject: { kind: 'webhook_endpoint', id },
    requestId: caller.requestId,
    details: { ...details, by: session.id },
  }
}
