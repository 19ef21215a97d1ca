import type { Id } from '@portcullis/contracts/ids'
import type { MessageName } from '@portcullis/contracts/messages/index'
import { leaseJobs, lockDeliveredJobs, type Ownership, type Settlement, settleJobs } from '@portcullis/db/queries/job'
import type { Tx } from '@portcullis/db/transaction'
import type { Handler, Job } from './handler.ts'
import { failed, isOutcome, type Outcome, stop } from './outcome.ts'
import { jobIdOf } from './queue-name.ts'
import { readJob, type ReadableJob } from './read-job.ts'
import { settle } from './settle.ts'

/** A delivery: one handing-out of a job that reached this process. */
export interface Delivery {
  readonly id: Id<'job'>
  readonly generation: number
  /** The queue handed it out before, and whoever took it vanished without a word. */
  readonly again: boolean
}

/** What beginning a delivery came to. */
export type Begun =
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'ended'
      readonly read: ReadableJob | undefined
      readonly outcome: Outcome
      readonly ageSeconds: number
    }
  | { readonly kind: 'leased'; readonly read: ReadableJob; readonly owned: Ownership; readonly plan: unknown }

/** Time between the end of `act` and the end of its lease, for recording. */
const recordSeconds = 10

/**
 * Begins deliveries in the caller's transaction: locks their rows, runs what Postgres alone can do and settles it,
 * and leases what has effects or is long. Answers by place.
 */
export async function begin(
  tx: Tx,
  deliveries: readonly Delivery[],
  handlers: Readonly<Record<string, Handler<MessageName>>>,
): Promise<Begun[]> {
  const begun = new Map<string, Begun>()
  const settlements: Settlement[] = []
  const readable: ReadableJob[] = []
  const again = new Set(deliveries.filter((delivery) => delivery.again).map(jobIdOf))

  for (const row of await lockDeliveredJobs(tx, deliveries)) {
    const read = readJob(row, handlers)
    const known = isOutcome(read) ? undefined : read
    // A worker that vanished may have been taken along by this very job: that counts, or it would go on for ever.
    const outcome = isOutcome(read) ? read : again.has(jobIdOf(row)) ? failed('worker_lost') : undefined
    if (outcome) {
      settlements.push(settle(row, outcome, row.begun))
      begun.set(jobIdOf(row), { kind: 'ended', read: known, outcome, ageSeconds: row.ageSeconds })
    } else if (known) readable.push(known)
  }

  for (const group of Map.groupBy(readable, (one) => one.handler).values()) {
    const results = await runGroup(tx, group)
    for (const [place, read] of group.entries()) {
      const result = results[place] ?? {
        kind: 'ended',
        read,
        outcome: stop('no_outcome'),
        ageSeconds: read.row.ageSeconds,
      }
      begun.set(jobIdOf(read.row), result)
      if (result.kind === 'ended') settlements.push(settle(read.row, result.outcome, false))
    }
  }
  await settleJobs(tx, settlements)
  return deliveries.map((delivery) => {
    const name = jobIdOf(delivery)
    const answer = begun.get(name) ?? { kind: 'ignored' }
    // A second delivery of the same in one batch is a duplicate like any other.
    begun.delete(name)
    return answer
  })
}

async function runGroup(tx: Tx, group: readonly ReadableJob[]): Promise<Begun[]> {
  const handler = group[0]?.handler
  const jobs: Job<MessageName>[] = group.map((read) => read.job)
  if (!handler) return []
  if (handler.kind === 'transaction') {
    const outcomes = await handler.work(tx, jobs)
    return group.map((read, place) => ended(read, outcomes[place]))
  }
  if (handler.kind === 'sequence') return lease(tx, group, handler.leaseSeconds, () => undefined)
  const plans = await handler.claim(tx, jobs)
  const planned = group.filter((_, place) => !isOutcome(plans[place]))
  const leased = await lease(tx, planned, handler.actSeconds + recordSeconds, (read) => {
    const claim = plans[group.indexOf(read)]
    return claim && 'plan' in claim ? claim.plan : undefined
  })
  return group.map((read, place) => {
    const claim = plans[place]
    return isOutcome(claim) ? ended(read, claim) : (leased[planned.indexOf(read)] ?? ended(read, undefined))
  })
}

function ended(read: ReadableJob, outcome: Outcome | undefined): Begun {
  return { kind: 'ended', read, outcome: outcome ?? stop('no_outcome'), ageSeconds: read.row.ageSeconds }
}

async function lease(
  tx: Tx,
  group: readonly ReadableJob[],
  seconds: number,
  planOf: (read: ReadableJob) => unknown,
): Promise<Begun[]> {
  const epochs = await leaseJobs(
    tx,
    group.map((read) => read.row.id),
    seconds,
  )
  return group.map((read) => ({
    kind: 'leased',
    read,
    owned: { id: read.row.id, epoch: epochs.get(read.row.id) ?? 0 },
    plan: planOf(read),
  }))
}
