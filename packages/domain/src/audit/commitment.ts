import { hash } from 'node:crypto'
import { type AuditRecord, type CommittedField, committedFields } from '@portcullis/contracts/audit-export'
import { canonical } from './canonical.ts'

/** What an event says that may be personal. */
export type CommittedValues = Readonly<Record<CommittedField, unknown>>

/**
 * What stands in the chain for a value: `SHA-256(salt ‖ "\n" ‖ field ‖ "\n" ‖ JCS(value))`, hex. With the salt (122 random bits,
 * lower-case text) it proves the value; without it nobody can tell or guess what it was, so erasing salt and value is
 * erasure, and the chain stands.
 */
export function commitTo(salt: string, field: CommittedField, value: unknown): string {
  return hash('sha256', `${salt}\n${field}\n${canonical(value)}`, 'hex')
}

/** The commitments of an event. */
export function commitmentsOf(salt: string, values: CommittedValues): AuditRecord['commitments'] {
  return {
    accountId: commitTo(salt, 'accountId', values.accountId),
    actorId: commitTo(salt, 'actorId', values.actorId),
    subjectId: commitTo(salt, 'subjectId', values.subjectId),
    requestId: commitTo(salt, 'requestId', values.requestId),
    details: commitTo(salt, 'details', values.details),
  }
}

/** The fields whose value is not what was committed to; none of an event that was erased, as far as it was. */
export function brokenCommitments(
  event: CommittedValues & { readonly salt: string | null; readonly commitments: AuditRecord['commitments'] },
): readonly CommittedField[] {
  // Without the salt nothing can be proven, so nothing may be claimed either.
  if (event.salt === null) return committedFields.filter((field) => event[field] !== null)
  const { salt } = event
  return committedFields.filter((field) => commitTo(salt, field, event[field]) !== event.commitments[field])
}
