import type { Database } from '@portcullis/db/connect'
import {
  type CounterUpdate,
  deleteCounters,
  listCountersForUpdate,
  updateCounters,
} from '@portcullis/db/queries/throttle'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { judgeAttempt, type ThrottleRule } from './rules.ts'

/** Something that is counted: a name, kept only as a hash, and a rule. */
export interface Throttled {
  /** `password|account|<id>`: never shown, never stored in clear. */
  readonly name: string
  readonly rule: ThrottleRule
}

/** Whether an attempt may be made. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly waitSeconds: number; readonly exhausted: boolean }

/**
 * Counts an attempt before it is made, under every name at once, and tells whether it may be: however many come
 * together, no more than the rules allow are admitted (NIST SP 800-63B-4 3.2.2; security of the count: the store, so it
 * holds without Redis). One that is refused under any name counts under none.
 */
export async function takeAttempt(database: Database, throttled: readonly Throttled[]): Promise<Admission> {
  return inTransaction(database, async (tx) => {
    const hashed = throttled.map((one) => ({ ...one, keyHash: sha256(one.name) }))
    const counters = await listCountersForUpdate(
      tx,
      hashed.map((one) => one.keyHash),
    )
    const updates: CounterUpdate[] = []
    let refused: Admission | undefined
    for (const [place, { rule, keyHash }] of hashed.entries()) {
      const counter = counters[place] ?? { attempts: 0, windowSecondsLeft: 0, blockedSecondsLeft: 0 }
      const verdict = judgeAttempt(counter, rule)
      if (verdict.admitted) {
        const { attempts, windowSeconds, blockedSeconds } = verdict
        updates.push({ keyHash, attempts, windowSeconds, blockedSeconds })
      } else if (!refused || refused.admitted || verdict.waitSeconds > refused.waitSeconds) refused = verdict
    }
    if (refused) return refused
    await updateCounters(tx, updates)
    return { admitted: true }
  })
}

/** Forgets the attempts under these names: the right answer was given. */
export async function forgetAttempts(tx: Tx, names: readonly string[]): Promise<void> {
  await deleteCounters(
    tx,
    names.map((name) => sha256(name)),
  )
}
