import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type ApiKeyUse, type NotedApiKeyUse, updateApiKeysUsed } from '@portcullis/db/queries/api-key'
import { listAuditedLastHour } from '@portcullis/db/queries/audit-event'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { createGather } from '@portcullis/runtime/gather'
import type { Logger } from '@portcullis/runtime/log'
import { coarseIp, type Places } from '@portcullis/runtime/place'
import { newTraceparent } from '@portcullis/runtime/tracing'
import { recordFacts } from '../audit/record.ts'
import { notifyOwner } from '../notice/notify.ts'

/** Notes a use; `refused`: the key was dead already. */
export type NoteUse = (id: Id<'apiKey'>, ip: string | null, refused: boolean) => void

interface Use extends ApiKeyUse {
  readonly ip: string | null
  readonly refused: boolean
}

const reuse = 'authn_token_reuse'

/** A key that only ran out, or gave way to its successor, tells of a forgotten program, not of a thief. */
const harmless = new Set(['expired', 'evicted'])

/** What `createUseNoter` works with. */
export interface UseNoterDeps {
  readonly database: Database
  readonly places: Places
  readonly log: Logger
}

/**
 * Makes what notes the use of API keys: when, from which network (/24 or /48) and country, at most once in 10 minutes a
 * key. Nobody waits for it. A revoked key that is used all the same is somewhere where it should not be: it becomes an
 * audit event (OWASP logging vocabulary `authn_token_reuse`), a warning in the log and a notice to its owner, at most once
 * an hour a key.
 */
export function createUseNoter({ database, places, log }: UseNoterDeps): NoteUse {
  const note = createGather<Use, void>({
    name: 'api_key_use',
    batchMost: 256,
    inFlightMost: 1,
    repeatable: false,
    async run(uses) {
      const reused = await inTransaction(database, (tx) => writeUses(tx, uses))
      for (const { id, accountId } of reused) log.warn({ keyId: id, accountId }, 'a revoked API key was used')
      return uses.map(() => undefined)
    },
  })
  return (id, ip, refused) => {
    const network = ip === null ? null : coarseIp(ip)
    const { country = null } = places.of(ip ?? undefined)
    // A note that is lost, as the store is away, is made by the next use.
    note({ id, network, country, ip, refused }).catch(() => {})
  }
}

/** Returns the revoked keys whose use is an alarm now. */
async function writeUses(tx: Tx, uses: readonly Use[]): Promise<NotedApiKeyUse[]> {
  const noted = await updateApiKeysUsed(tx, uses)
  // A good use that is noted only after the key was revoked is no alarm.
  const refused = new Map(uses.flatMap((use) => (use.refused ? [[use.id, use.ip] as const] : [])))
  const suspects = noted.filter((use) => use.revokedBecause !== null && refused.has(use.id))
  if (suspects.length === 0) return []
  const known = await listAuditedLastHour(tx, reuse, suspects)
  const reused = suspects.filter((use) => !known.has(use.id))
  await recordFacts(
    tx,
    reused.map((use) => ({
      action: reuse,
      accountId: use.accountId,
      actor: 'anonymous',
      subject: { kind: 'api_key', id: use.id },
      details: { revokedBecause: use.revokedBecause },
    })),
  )
  for (const { id, accountId, revokedBecause } of reused) {
    if (harmless.has(revokedBecause ?? '')) continue
    const caller = { ip: refused.get(id) ?? null, userAgent: null, traceparent: newTraceparent() }
    await notifyOwner(tx, { accountId, kind: 'api_key_reused', caller })
  }
  return reused
}
