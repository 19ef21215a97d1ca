import { setTimeout as wait } from 'node:timers/promises'
import type { Id } from '@portcullis/contracts/ids'
import { revocationShards } from '@portcullis/contracts/revocation'
import type { SessionLimits } from '@portcullis/db/queries/session'
import { isStoreAway } from '@portcullis/db/transaction'
import {
  type ChunkResult,
  finishRevocation,
  giveUpTarget,
  type ShardPlace,
  workChunk,
} from '@portcullis/domain/revocation/work'
import type { LagCode, LagProbe } from '@portcullis/domain/sweep/lag'
import { nextChunkRows } from '@portcullis/domain/sweep/pace'
import type { Step } from '@portcullis/queue/handler'
import { errorCodeOf } from '@portcullis/queue/settle'
import type { Clock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'
import { accountsWithin } from './rate.ts'

const accountsCounter = meter().createCounter('portcullis_revocation_accounts', {
  description: 'Accounts that bulk revocations, or their undoing, have worked off',
})
const chunkHistogram = meter().createHistogram('portcullis_revocation_chunk_ms', {
  description: 'Milliseconds that one chunk of a bulk revocation took, commit included',
  unit: 'ms',
  advice: { explicitBucketBoundaries: [5, 10, 25, 50, 75, 100, 150, 250, 500, 1000, 2500] },
})
const pausesCounter = meter().createCounter('portcullis_revocation_pauses', {
  description: 'Times that a bulk revocation made way, by reason',
})

/** What shards are run with. */
export interface ShardRunnerDeps {
  readonly probe: LagProbe
  readonly clock: Clock
  readonly log: Logger
  readonly limits: SessionLimits
  readonly leaseSeconds: number
  /** The first pause while the store lags; each further one is twice as long. */
  readonly pauseMs: number
}

/** How a shard was left. */
export type ShardEnd =
  /** Nothing of it is left, for this worker at least. */
  | { readonly kind: 'worked_off' }
  /** Paused, cancelled or over. */
  | { readonly kind: 'resting' }
  /** The store lags, and does not stop. */
  | { readonly kind: 'held'; readonly code: LagCode }

/** Works off a shard as far as it can now. */
export type RunShard = (
  place: { readonly id: Id<'revocation'>; readonly shard: number },
  step: Step,
  signal: AbortSignal,
) => Promise<ShardEnd>

/** Accounts of the first chunk: some 50 ms with five sessions each. */
const firstAccounts = 200
/** So often the store is asked whether it lags. */
const probeEveryMs = 250
const pausesMost = 4

/** Makes the runner of one process. */
export function createShardRunner(deps: ShardRunnerDeps): RunShard {
  const { clock } = deps
  let probedAt = -Infinity

  /** Waits while the store lags. Gives why, if that does not end. */
  async function makeWay(signal: AbortSignal): Promise<LagCode | undefined> {
    for (let pause = 0; ; pause += 1) {
      if (clock.monotonicMs() - probedAt < probeEveryMs) return undefined
      const code = await deps.probe()
      if (code === undefined) {
        probedAt = clock.monotonicMs()
        return undefined
      }
      pausesCounter.add(1, { reason: code })
      if (pause >= pausesMost) return code
      await rest(deps.pauseMs * 2 ** pause, signal)
    }
  }

  return async ({ id, shard }, step, signal) => {
    let most = firstAccounts
    let rateMost = Infinity
    for (let after: Id<'account'> | null = null; ;) {
      const code = await makeWay(signal)
      if (code !== undefined) return { kind: 'held', code }
      const size: number = Math.min(most, rateMost)
      const began = clock.monotonicMs()
      const chunk: ChunkResult | 'again' = await work(deps, { id, shard, after, most: size }, step)
      if (chunk === 'again') {
        most = 1
        continue
      }
      if (chunk.kind === 'resting') return chunk
      if (chunk.accounts.length === 0) {
        if (after === null) {
          await step((tx) => finishRevocation(tx, id))
          return { kind: 'worked_off' }
        }
        // Once more from the beginning: for what somebody else held when it was passed.
        after = null
        continue
      }
      const tookMs = clock.monotonicMs() - began
      accountsCounter.add(chunk.accounts.length, { way: chunk.way })
      chunkHistogram.record(tookMs, { way: chunk.way })
      after = chunk.accounts.at(-1) ?? null
      most = nextChunkRows(size, tookMs)
      if (chunk.ratePerSecond === null) continue
      rateMost = accountsWithin(chunk.ratePerSecond / revocationShards, chunk.counts, chunk.accounts.length)
      await keepRate(deps.leaseSeconds, chunk.waitMs, step, signal)
    }
  }
}

/** A chunk; one that cannot be done is repeated account by account, and the account that spoils it is given up. */
async function work({ limits, log }: ShardRunnerDeps, place: ShardPlace, step: Step): Promise<ChunkResult | 'again'> {
  try {
    return await step((tx) => workChunk(tx, place, limits))
  } catch (error) {
    if (!isOfTheData(error)) throw error
    log.error({ err: error, revocationId: place.id, shard: place.shard, accounts: place.most }, 'a chunk failed')
    if (place.most === 1) await step((tx) => giveUpTarget(tx, place, errorCodeOf(error)))
    return 'again'
  }
}

/** Keeps under the cap, and keeps the lease meanwhile. */
async function keepRate(leaseSeconds: number, ms: number, step: Step, signal: AbortSignal): Promise<void> {
  const sliceMs = (leaseSeconds * 1000) / 3
  for (let left = ms; left > 0; left -= sliceMs) {
    await rest(Math.min(left, sliceMs), signal)
    if (left > sliceMs) await step(async () => {})
  }
}

/** Whether an error comes from what was to be written, not from the store, the lease or the end of this process. */
function isOfTheData(error: unknown): boolean {
  return error instanceof Error && error.name === 'PostgresError' && !isStoreAway(error)
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
