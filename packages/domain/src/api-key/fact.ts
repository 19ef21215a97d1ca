import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Fact } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** A fact about an API key that its owner has brought about. */
export function ownerFact(
  action: AuditAction,
  session: LivingSession,
  id: Id<'apiKey'>,
  caller: Caller,
  details: Record<string, unknown>,
): Fact {
  const { accountId } = session
  return {
    action,
    accountId,
    actor: 'account',
    actorId: accountId,
    subject: { kind: 'api_key', id },
    requestId: caller.requestId,
    details: { ...details, by: session.id },
  }
}
