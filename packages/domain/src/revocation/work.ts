import type { Id } from '@portcullis/contracts/ids'
import type { KindCounts } from '@portcullis/contracts/revocation'
import { joinRevocation, lockRevocation, updateRevocationState } from '@portcullis/db/queries/revocation'
import { revokeChunk } from '@portcullis/db/queries/revocation-chunk'
import {
  type ChunkWish,
  claimTargets,
  hasTargetsLeft,
  updateRevocationProgress,
  updateTargetFailed,
} from '@portcullis/db/queries/revocation-target'
import { restoreChunk } from '@portcullis/db/queries/revocation-undo-chunk'
import type { SessionLimits } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'

/** What one chunk came to. */
export type ChunkResult =
  /** It is paused, cancelled or over: nothing is to be done now. */
  | { readonly kind: 'resting' }
  | {
      readonly kind: 'worked'
      readonly way: ChunkWish['way']
      readonly accounts: readonly Id<'account'>[]
      readonly counts: KindCounts
      readonly ratePerSecond: number | null
      /** How long the next chunk is to wait under the cap of all shards together. */
      readonly waitMs: number
    }

/** Which targets of which shard. */
export type ShardPlace = Pick<ChunkWish, 'id' | 'shard' | 'after' | 'most'>

/**
 * Works off the next accounts of a shard in the caller's transaction: forth while the revocation runs, back while it is undone,
 * not at all otherwise. State, audit, notices, jobs and progress are committed together, so whatever dies, each target is worked
 * off once.
 */
export async function workChunk(tx: Tx, place: ShardPlace, limits: SessionLimits): Promise<ChunkResult> {
  const revocation = await joinRevocation(tx, place.id)
  const way = wayOf(revocation?.state)
  if (!revocation || !way) return { kind: 'resting' }
  const { ratePerSecond } = revocation
  // Before anything is known of what accounts have, a cap allows one.
  const most = ratePerSecond !== null && place.after === null ? 1 : place.most
  const accounts = await claimTargets(tx, { ...place, way, most })
  if (accounts.length === 0) return { kind: 'worked', way, accounts, counts: none, ratePerSecond, waitMs: 0 }
  const counts = await (way === 'forth' ? revokeChunk : restoreChunk)(tx, place.id, accounts, limits)
  const waitMs = await updateRevocationProgress(tx, place.id, way, { ...counts, accounts: accounts.length })
  return { kind: 'worked', way, accounts, counts, ratePerSecond, waitMs }
}

/** Gives up the next target of a shard, as nothing could be done for it: the others go on. */
export async function giveUpTarget(tx: Tx, place: ShardPlace, errorCode: string): Promise<void> {
  const way = wayOf((await joinRevocation(tx, place.id))?.state)
  if (!way) return
  const [accountId] = await claimTargets(tx, { ...place, way, most: 1 })
  if (!accountId) return
  await updateTargetFailed(tx, place.id, accountId, errorCode)
  await updateRevocationProgress(tx, place.id, way, { ...none, accounts: 1 })
}

/**
 * Ends a revocation, or its undoing, where no target is left. Of many shards that find nothing more, one ends it.
 * `false`: others are still at work.
 */
export async function finishRevocation(tx: Tx, id: Id<'revocation'>): Promise<boolean> {
  const revocation = await lockRevocation(tx, id)
  const way = wayOf(revocation?.state)
  if (!revocation || !way) return true
  if (await hasTargetsLeft(tx, id, way)) return false
  await updateRevocationState(tx, id, way === 'forth' ? 'done' : 'undone', null)
  await recordFacts(tx, [
    {
      action: way === 'forth' ? 'revocation_done' : 'revocation_undone',
      accountId: null,
      actor: 'system',
      subject: { kind: 'revocation', id },
      details: { accounts: revocation.done, ...(way === 'forth' ? revocation.revoked : revocation.restored) },
    },
  ])
  return true
}

const none: KindCounts = { sessions: 0, apiKeys: 0, sshKeys: 0 }

function wayOf(state: string | undefined): ChunkWish['way'] | undefined {
  if (state === 'running') return 'forth'
  return state === 'undoing' ? 'back' : undefined
}
