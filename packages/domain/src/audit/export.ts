import {
  type AuditEventLine,
  type AuditKey,
  type AuditLine,
  type AuditSealLine,
  auditExportFormat,
  type CommittedField,
  committedFields,
} from '@portcullis/contracts/audit-export'
import type { Database } from '@portcullis/db/connect'
import {
  findSeal,
  findSealRange,
  listSealedEvents,
  readSealMoment,
  type SealedEvent,
  type SealRange,
  type StoredSeal,
} from '@portcullis/db/queries/audit-seal'
import { withStore } from '@portcullis/db/transaction'
import { genesisHash } from './chain.ts'
import type { AuditKeys } from './key.ts'
import { signAudit } from './signature.ts'

/**
 * Makes an export: the header, whole seals each before its events, and the signed end. One seal is in memory at a time. The
 * seals are read one by one, which is sound as nothing of them ever changes; one that is purged meanwhile ends the export in an
 * error, and what was sent is known for cut by its missing end.
 */
export async function* exportAudit(
  database: Database,
  keys: AuditKeys,
  range: SealRange,
): AsyncGenerator<readonly AuditLine[]> {
  const found = await withStore(database, (queries) => findSealRange(queries, range))
  const { first, last, newest } = found
  yield [{ kind: 'header', format: auditExportFormat, keys: [...keys.published] as AuditKey[] }]
  const held = { seals: 0, events: 0, hash: genesisHash }
  for (let number = first ?? 1; number <= (last ?? 0); number += 1) {
    const lines = await readSealed(database, number)
    const [seal] = lines
    held.seals += 1
    held.events += seal.events
    held.hash = seal.hash
    yield lines
  }
  const content = {
    firstSeal: held.seals > 0 ? (first ?? 0) : 0,
    lastSeal: held.seals > 0 ? (last ?? 0) : 0,
    ...held,
    newestSeal: newest ?? 0,
    exportedAt: await withStore(database, (queries) => readSealMoment(queries)),
    keyId: keys.keyId,
  }
  const signature = signAudit(keys.key, 'audit-export:v1', content).toString('base64url')
  yield [{ kind: 'end', ...content, signature }]
}

async function readSealed(database: Database, number: number): Promise<[AuditSealLine, ...AuditLine[]]> {
  const seal = await withStore(database, (queries) => findSeal(queries, number))
  if (seal === undefined) throw new Error(`seal ${number} is not there any more`)
  const events = await withStore(database, (queries) => listSealedEvents(queries, seal))
  return [sealLine(seal), ...events.map(eventLine)]
}

/** A seal as exports and anchors are told it. */
export function sealLine({ anchoredAt: _anchoredAt, signature, ...content }: StoredSeal): AuditSealLine {
  return { kind: 'seal', ...content, signature: Buffer.from(signature, 'hex').toString('base64url') }
}

function eventLine({ commitments, ...event }: SealedEvent): AuditEventLine {
  const each = committedFields.map((field, place) => [field, commitments.slice(place * 64, place * 64 + 64)])
  // Guarantee: the store holds one for each field, in this very order.
  return { kind: 'event', ...event, commitments: Object.fromEntries(each) as Record<CommittedField, string> }
}
