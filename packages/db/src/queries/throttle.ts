import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { hexOf } from './hex.ts'

/** A counter as it stands, by the store's clock. */
export interface Counter {
  readonly keyHash: Uint8Array
  /** Attempts since the last success, or within the window. */
  readonly attempts: number
  /** Until the window ends; 0 or less when it is over, or there is none. */
  readonly windowSecondsLeft: number
  /** Until the next attempt may be made; 0 or less when it may. */
  readonly blockedSecondsLeft: number
}

/**
 * Reads counters under lock, making those that are missing: whoever counts the same waits here. In the order given; each
 * is named once. One statement: between two, a counter could be forgotten, and the attempt would go uncounted.
 */
export async function listCountersForUpdate(tx: Tx, keyHashes: readonly Uint8Array[]): Promise<Counter[]> {
  const hashes = keyHashes.map(hexOf)
  const rows = await tx.sql<Counter[]>`
    insert into throttles as counter (key_hash, attempts)
    select decode(hash, 'hex'), 0 from unnest(${hashes}::text[]) as hash order by hash
    on conflict (key_hash) do update set attempts = counter.attempts
    returning key_hash as "keyHash", attempts,
      coalesce(extract(epoch from window_ends_at - now()), 0)::float8 as "windowSecondsLeft",
      coalesce(extract(epoch from blocked_until - now()), 0)::float8 as "blockedSecondsLeft"`
  const byHash = new Map(rows.map((row) => [hexOf(row.keyHash), row]))
  return hashes.flatMap((hash) => byHash.get(hash) ?? [])
}

/** How a counter is to stand. Seconds count from now; null: none. */
export interface CounterUpdate {
  readonly keyHash: Uint8Array
  readonly attempts: number
  readonly windowSeconds: number | null
  readonly blockedSeconds: number | null
}

/** Writes counters that were read under lock. */
export async function updateCounters(tx: Tx, updates: readonly CounterUpdate[]): Promise<void> {
  if (updates.length === 0) return
  await tx.sql`
    update throttles set attempts = counted.attempts, touched_at = now(),
      window_ends_at = now() + counted.window_seconds * interval '1 s',
      blocked_until = now() + counted.blocked_seconds * interval '1 s'
    from unnest(
      ${updates.map((one) => hexOf(one.keyHash))}::text[], ${updates.map((one) => one.attempts)}::int[],
      ${updates.map((one) => one.windowSeconds)}::float8[], ${updates.map((one) => one.blockedSeconds)}::float8[]
    ) as counted (hash, attempts, window_seconds, blocked_seconds)
    where throttles.key_hash = decode(counted.hash, 'hex')`
}

/** Forgets attempts: the right answer was given. */
export async function deleteCounters(queries: Queries, keyHashes: readonly Uint8Array[]): Promise<void> {
  await queries.sql`
    delete from throttles
    where key_hash in (select decode(hash, 'hex') from unnest(${keyHashes.map(hexOf)}::text[]) as hash)`
}

/**
 * Deletes up to `most` counters that nobody touched for a day, but for those that stand at `hardMost` or more: only a reset
 * lifts these. Uses `throttles_touched_at`.
 */
export async function deleteOldCounters(tx: Tx, hardMost: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select key_hash from throttles where touched_at < now() - interval '1 day' and attempts < ${hardMost}
        and (blocked_until is null or blocked_until < now())
      order by touched_at limit ${most} for update skip locked
    )
    delete from throttles using old where throttles.key_hash = old.key_hash returning throttles.key_hash`
  return rows.length
}
