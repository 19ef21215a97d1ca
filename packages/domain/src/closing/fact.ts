import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { Fact } from '../audit/record.ts'

/** A fact about the closing of an account. */
export function closingFact(
  action: AuditAction,
  closing: { readonly id: Id<'accountClosing'>; readonly accountId: Id<'account'> },
  by: Pick<Fact, 'actor' | 'actorId' | 'requestId'>,
  details: Record<string, unknown> = {},
): Fact {
  const { id, accountId } = closing
  return { ...by, action, accountId, subject: { kind: 'account_closing', id }, details }
}
