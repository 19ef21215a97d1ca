import { lockDeliveredJobs, lockOwnedJobs, settleJobs } from '@portcullis/db/queries/job'
import type { Tx } from '@portcullis/db/transaction'
import type { Begun, Delivery } from './begin.ts'
import { leasesLost } from './metric.ts'
import { type Outcome, stop } from './outcome.ts'
import { settle } from './settle.ts'

/** An execution with effects, or a long one, that owns its job. */
export type Leased = Extract<Begun, { kind: 'leased' }>

/** Such an execution when it is over: with a receipt to be recorded, or with an outcome. */
export type Ended =
  | { readonly leased: Leased; readonly receipt: unknown }
  | { readonly leased: Leased; readonly outcome: Outcome }

type Acted = Extract<Ended, { receipt: unknown }>

/**
 * Writes the ends of executions in the caller's transaction, each only where it is still the newest of its job.
 * Answers by place; `undefined` for one that lost its lease, of which nothing is written.
 */
export async function endLeased(tx: Tx, all: readonly Ended[]): Promise<(Outcome | undefined)[]> {
  const owned = await lockOwnedJobs(
    tx,
    all.map((one) => one.leased.owned),
  )
  const outcomes = new Map<Ended, Outcome>()
  const acted: Acted[] = []
  for (const one of all) {
    if (!owned.has(one.leased.owned.id)) leasesLost.add(1)
    else if ('outcome' in one) outcomes.set(one, one.outcome)
    else acted.push(one)
  }
  for (const [one, outcome] of await recordActs(tx, acted)) outcomes.set(one, outcome)
  await settleJobs(
    tx,
    [...outcomes].map(([one, outcome]) => settle(one.leased.read.row, outcome, true)),
  )
  return all.map((one) => outcomes.get(one))
}

async function recordActs(tx: Tx, acted: readonly Acted[]): Promise<Map<Ended, Outcome>> {
  const outcomes = new Map<Ended, Outcome>()
  for (const [handler, group] of Map.groupBy(acted, (one) => one.leased.read.handler)) {
    if (handler.kind !== 'effect') continue
    const results = await handler.record(
      tx,
      group.map((one) => ({ job: one.leased.read.job, plan: one.leased.plan, receipt: one.receipt })),
    )
    for (const [place, one] of group.entries()) outcomes.set(one, results[place] ?? stop('no_outcome'))
  }
  return outcomes
}

/** Writes the end of a delivery whose own transaction was rolled back. One that is over or taken meanwhile is left alone. */
export async function endRolledBack(tx: Tx, delivery: Delivery, outcome: Outcome): Promise<void> {
  const rows = await lockDeliveredJobs(tx, [delivery])
  await settleJobs(
    tx,
    rows.map((row) => settle(row, outcome, false)),
  )
}
