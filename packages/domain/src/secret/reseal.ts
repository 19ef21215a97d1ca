import type { Id } from '@portcullis/contracts/ids'
import {
  listOutdatedSecretsForUpdate,
  type SealedColumn,
  type SealedSecret,
  updateSealedSecrets,
} from '@portcullis/db/queries/sealed-secret'
import type { Tx } from '@portcullis/db/transaction'
import { type Sealer, sealedPlace } from '@portcullis/runtime/seal'
import { recordFacts } from '../audit/record.ts'

/** What became of one chunk. */
export interface ResealedChunk {
  readonly resealed: number
  /** Rows whose secret none of the keys opens in its place. It was left as it is. */
  readonly unopenable: readonly string[]
  /** Where the next chunk begins; `undefined` when this was the last. */
  readonly after: string | undefined
}

/** One chunk of a rotation of keys. */
export interface ResealChunk {
  readonly jobId: Id<'job'>
  readonly at: SealedColumn
  /** `undefined`: from the start. */
  readonly after: string | undefined
  readonly most: number
}

/**
 * Seals up to `most` secrets of a column again, under the newest key, in the caller's transaction and with one audit event
 * for all of them. Locks their rows alone, and passes over what somebody else holds. What cannot be opened (a changed bit,
 * another place, a key that was withdrawn) stays as it is: a factor stays on, its codes are refused, an operator is told.
 */
export async function resealSecrets(tx: Tx, sealer: Sealer, chunk: ResealChunk): Promise<ResealedChunk> {
  const { at, most } = chunk
  const outdated = await listOutdatedSecretsForUpdate(tx, at, sealer.newestPrefix, chunk.after, most)
  const anew: SealedSecret[] = []
  const unopenable: string[] = []
  for (const { id, sealed } of outdated) {
    const place = sealedPlace(at.table, at.column, id)
    const secret = tryOpen(sealer, sealed, place)
    if (secret === undefined) unopenable.push(id)
    else anew.push({ id, sealed: sealer.seal(secret, place) })
  }
  if (anew.length > 0) {
    await updateSealedSecrets(tx, at, anew)
    await recordFacts(tx, [
      {
        action: 'secrets_resealed',
        accountId: null,
        actor: 'system',
        subject: { kind: 'job', id: chunk.jobId },
        details: { of: `${at.table}.${at.column}`, resealed: anew.length, unopenable: unopenable.length },
      },
    ])
  }
  return { resealed: anew.length, unopenable, after: outdated.length < most ? undefined : outdated.at(-1)?.id }
}

function tryOpen(sealer: Sealer, sealed: string, place: string): Uint8Array | undefined {
  try {
    return sealer.open(sealed, place)
  } catch {
    return undefined
  }
}
