import { type AuditRecord, committedFields } from '@portcullis/contracts/audit-export'
import {
  findSealHead,
  insertSeal,
  listUnsealed,
  readSealMoment,
  takeSealerLock,
  type UnsealedEvent,
} from '@portcullis/db/queries/audit-seal'
import type { Tx } from '@portcullis/db/transaction'
import { genesisHash, linkHash } from './chain.ts'
import { commitmentsOf } from './commitment.ts'
import type { AuditKeys } from './key.ts'
import { signAudit } from './signature.ts'

/** What one seal came to. `busy`: another sealer is at it. */
export type Sealed = { readonly kind: 'busy' } | { readonly kind: 'sealed'; readonly events: number }

/**
 * Chains up to `most` audit events to those before and signs the new head, in one transaction. Takes no lock that a writer
 * of events could wait for, and skips no event: see `listUnsealed`. Fewer than `most`: no more can be sealed now.
 */
export async function sealEvents(tx: Tx, keys: AuditKeys, most: number): Promise<Sealed> {
  if (!(await takeSealerLock(tx))) return { kind: 'busy' }
  const head = await findSealHead(tx)
  const events = await listUnsealed(tx, head?.after ?? null, most)
  const last = events.at(-1)
  if (last === undefined) return { kind: 'sealed', events: 0 }
  const firstSequence = (head?.lastSequence ?? 0) + 1
  const previousHash = head?.hash ?? genesisHash
  const { hash, ...chained } = chain(events, firstSequence, previousHash)
  const content = {
    seal: (head?.seal ?? 0) + 1,
    firstSequence,
    lastSequence: firstSequence + events.length - 1,
    events: events.length,
    previousHash,
    hash,
    sealedAt: await readSealMoment(tx),
    keyId: keys.keyId,
  }
  const signature = signAudit(keys.key, 'audit-seal:v1', content).toString('hex')
  await insertSeal(tx, { ...content, signature, lastXid: last.xid, ...chained })
  return { kind: 'sealed', events: events.length }
}

function chain(events: readonly UnsealedEvent[], firstSequence: number, previousHash: string) {
  let hash = previousHash
  let hashes = ''
  let commitments = ''
  for (const [place, event] of events.entries()) {
    const committed = commitmentsOf(event.salt, event)
    hash = linkHash(hash, recordText(event, firstSequence + place, committed))
    hashes += hash
    for (const field of committedFields) commitments += committed[field]
  }
  return {
    hash,
    eventIds: events.map((event) => event.id),
    hashes: Buffer.from(hashes, 'hex'),
    commitments: Buffer.from(commitments, 'hex'),
  }
}

/**
 * The record in its canonical form (RFC 8785), which is what `JSON.stringify` gives of keys that are in order already: a tenth of
 * the time, thousands of times a second. The verifier goes the long way, so an export that verifies proves this one.
 */
function recordText(event: UnsealedEvent, sequence: number, committed: AuditRecord['commitments']): string {
  const { accountId, actorId, details, requestId, subjectId } = committed
  const { action, actor, id, occurredAt, subjectKind } = event
  const commitments = { accountId, actorId, details, requestId, subjectId }
  return JSON.stringify({ action, actor, commitments, id, occurredAt, sequence, subjectKind })
}
