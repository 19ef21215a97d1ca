import type { Database } from '@portcullis/db/connect'
import {
  type CounterUpdate,
  deleteCounters,
  listCountersForUpdate,
  updateCounters,
} from '@portcullis/db/queries/throttle'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { type Quota, quotaOf } from './quota.ts'
import { judgeAttempt, type ThrottleRule, type Verdict } from './rules.ts'

/** Something that is counted: a name, kept only as a hash, and a rule. */
export interface Throttled {
  /** `password|account|<id>`: never shown, never stored in clear. */
  readonly name: string
  readonly rule: ThrottleRule
}

/** Whether an attempt may be made. */
export type Admission = (
  | { readonly admitted: true }
  | { readonly admitted: false; readonly waitSeconds: number; readonly exhausted: boolean }
) & {
  /** How each counter stands now, in the order of their names. */
  readonly quotas: readonly Quota[]
}

/**
 * Counts an attempt before it is made, under every name at once, and tells whether it may be: however many come
 * together, no more than the rules allow are admitted (NIST SP 800-63B-4 3.2.2; security of the count: the store, so it
 * holds without Redis). One that is refused under any name counts under none.
 */
export async function takeAttempt(database: Database, throttled: readonly Throttled[]): Promise<Admission> {
  return inTransaction(database, (tx) => countAttempt(tx, throttled))
}

/** The same in the caller's transaction: what is counted stands or falls with it. */
export async function countAttempt(tx: Tx, throttled: readonly Throttled[]): Promise<Admission> {
  const hashed = throttled.map((one) => ({ ...one, keyHash: sha256(one.name) }))
  const counters = await listCountersForUpdate(
    tx,
    hashed.map((one) => one.keyHash),
  )
  const judged = hashed.map(({ rule, keyHash }, place) => {
    const counter = counters[place] ?? { attempts: 0, windowSecondsLeft: 0, blockedSecondsLeft: 0 }
    return { rule, keyHash, counter, verdict: judgeAttempt(counter, rule) }
  })
  const refusals = judged.flatMap(({ verdict }) => (verdict.admitted ? [] : [verdict]))
  const [refusal] = refusals.toSorted((a, b) => b.waitSeconds - a.waitSeconds)
  const quotas = judged.map((one) => quotaOf(one.counter, one.rule, one.verdict, refusal === undefined))
  if (refusal) return { ...refusal, quotas }
  await updateCounters(tx, judged.flatMap(updateOf))
  return { admitted: true, quotas }
}

function updateOf({ keyHash, verdict }: { keyHash: Uint8Array; verdict: Verdict }): CounterUpdate[] {
  if (!verdict.admitted) return []
  const { attempts, windowSeconds, blockedSeconds } = verdict
  return [{ keyHash, attempts, windowSeconds, blockedSeconds }]
}

/** Forgets the attempts under these names: the right answer was given. */
export async function forgetAttempts(tx: Tx, names: readonly string[]): Promise<void> {
  await deleteCounters(
    tx,
    names.map((name) => sha256(name)),
  )
}
