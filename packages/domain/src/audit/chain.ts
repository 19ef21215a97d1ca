import { hash } from 'node:crypto'
import type { AuditRecord } from '@portcullis/contracts/audit-export'
import { canonical } from './canonical.ts'

/** Head of the chain before the first event. */
export const genesisHash = '0'.repeat(64)

/** Head of the chain after a text: `SHA-256(head before, as hex text ‖ "\n" ‖ text)`, as 64 hexadecimal digits. */
export function linkHash(previousHash: string, text: string): string {
  return hash('sha256', `${previousHash}\n${text}`, 'hex')
}

/**
 * Head of the chain after a record, in its canonical form (RFC 8785). Whoever changes, removes, inserts or swaps records gets
 * another head from there on.
 */
export function nextHash(previousHash: string, record: Readonly<Record<string, unknown>>): string {
  return linkHash(previousHash, canonical(record))
}

/** What is hashed of an event, out of whatever else is known of it. */
export function recordOf({
  sequence,
  id,
  occurredAt,
  action,
  actor,
  subjectKind,
  commitments,
}: AuditRecord): AuditRecord {
  return { sequence, id, occurredAt, action, actor, subjectKind, commitments }
}
