import type { AuditLine } from '@portcullis/contracts/audit-export'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import type { SealRange } from '@portcullis/db/queries/audit-seal'
import { inTransaction } from '@portcullis/db/transaction'
import { exportAudit } from '@portcullis/domain/audit/export'
import { type AuditKeys, createAuditKeys } from '@portcullis/domain/audit/key'
import { type Fact, recordFacts } from '@portcullis/domain/audit/record'
import { sealEvents } from '@portcullis/domain/audit/seal'
import { newUuid } from '@portcullis/runtime/id'
import { parseMasterKey } from '@portcullis/runtime/master-key'
import { randomBytesOf } from '@portcullis/runtime/random'

/** Keys of a master key that was just made. */
export function makeAuditKeys(): AuditKeys {
  const MASTER_KEY = parseMasterKey(Buffer.from(randomBytesOf(32)).toString('base64url'))
  return createAuditKeys({ MASTER_KEY, MASTER_KEYS_OLD: [], AUDIT_SEAL_KEY: undefined, AUDIT_KEYS_OLD: [] })
}

/** A fact of an account, as a verb would state it. */
export function makeFact(accountId: Id<'account'> | null, given: Partial<Fact> = {}): Fact {
  return {
    action: 'session_created',
    accountId,
    actor: accountId === null ? 'system' : 'account',
    ...(accountId !== null && { actorId: accountId }),
    subject: { kind: 'session', id: newUuid() },
    requestId: `req_${newUuid()}`,
    details: { factors: ['password', 'totp'], attempt: 2, größe: 1.5 },
    ...given,
  }
}

/** Records facts, each group in a transaction of its own. */
export async function recordEach(database: Database, ...groups: readonly (readonly Fact[])[]): Promise<void> {
  for (const facts of groups) await inTransaction(database, (tx) => recordFacts(tx, facts))
}

/**
 * Seals until no event is left. It begins once every event may be sealed, so that seals are as large as was asked however
 * busy the server is: transactions of other tests hold sealing up for a moment.
 * @throws Error after 20 seconds.
 */
export async function sealAll(database: Database, keys: AuditKeys, most = 1000): Promise<void> {
  const end = performance.now() + 20_000
  for (;;) {
    const [row] = await database.sql<{ left: number; held: boolean }[]>`
      select count(*)::int4 as left, coalesce(bool_or(xid >= pg_snapshot_xmin(pg_current_snapshot())), false) as held
      from audit_events where not exists (select from audit_chain where event_id = audit_events.id)`
    if (row?.left === 0) return
    if (performance.now() > end) throw new Error(`${row?.left} events were not sealed`)
    if (row?.held === false) await inTransaction(database, (tx) => sealEvents(tx, keys, most))
  }
}

/** An export, line by line. */
export async function exportLines(database: Database, keys: AuditKeys, range: SealRange = {}): Promise<AuditLine[]> {
  const lines: AuditLine[] = []
  for await (const some of exportAudit(database, keys, range)) lines.push(...some)
  return lines
}

/** Lines as a file has them, in pieces of so many bytes. */
export async function* asFile(lines: readonly unknown[], pieceBytes = 777): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8')
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
