import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { Fact } from '../audit/record.ts'

/** A fact about a change of address. Never names an address. */
export function changeFact(
  action: AuditAction,
  change: { readonly id: Id<'emailChange'>; readonly accountId: Id<'account'> },
  by: Pick<Fact, 'actor' | 'actorId' | 'requestId'>,
  details: Record<string, unknown> = {},
): Fact {
  const { id, accountId } = change
  return { ...by, action, accountId, subject: { kind: 'email_change', id }, details }
}
