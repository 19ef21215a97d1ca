import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type ApiKeyUse, updateApiKeysUsed } from '@portcullis/db/queries/api-key'
import { inTransaction } from '@portcullis/db/transaction'
import { createGather } from '@portcullis/runtime/gather'
import { coarseIp, type Places } from '@portcullis/runtime/place'
import { recordFacts } from '../audit/record.ts'

/** Notes a use; `refused`: the key was dead already. */
export type NoteUse = (id: Id<'apiKey'>, ip: string | null, refused: boolean) => void

interface Use extends ApiKeyUse {
  readonly refused: boolean
}

/**
 * Makes what notes the use of API keys: when, from which network (/24 or /48) and country, at most once in 10 minutes a
 * key. Nobody waits for it. A revoked key that is used all the same becomes an audit event (OWASP logging vocabulary
 * `authn_token_reuse`): it is somewhere where it should not be.
 */
export function createUseNoter(database: Database, places: Places): NoteUse {
  const note = createGather<Use, void>({
    name: 'api_key_use',
    batchMost: 256,
    inFlightMost: 1,
    repeatable: false,
    async run(uses) {
      await writeUses(database, uses)
      return uses.map(() => undefined)
    },
  })
  return (id, ip, refused) => {
    const network = ip === null ? null : coarseIp(ip)
    const { country = null } = places.of(ip ?? undefined)
    // A note that is lost, as the store is away, is made by the next use.
    note({ id, network, country, refused }).catch(() => {})
  }
}

async function writeUses(database: Database, uses: readonly Use[]): Promise<void> {
  await inTransaction(database, async (tx) => {
    const noted = await updateApiKeysUsed(tx, uses)
    // A good use that is noted only after the key was revoked is no alarm.
    const refused = new Set(uses.flatMap((use) => (use.refused ? [use.id] : [])))
    const reused = noted.filter((use) => use.revokedBecause !== null && refused.has(use.id))
    await recordFacts(
      tx,
      reused.map((use) => ({
        action: 'authn_token_reuse',
        accountId: use.accountId,
        actor: 'anonymous',
        subject: { kind: 'api_key', id: use.id },
        details: { revokedBecause: use.revokedBecause },
      })),
    )
  })
}
