import type { MessageName } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { extendLease, lockDeliveredJobs, lockOwnedJobs, settleJobs } from '@portcullis/db/queries/job'
import { inTransaction, isStoreAway, type Tx } from '@portcullis/db/transaction'
import { backoffMs } from '@portcullis/runtime/backoff'
import { withDeadline } from '@portcullis/runtime/deadline'
import { createGather } from '@portcullis/runtime/gather'
import type { Logger } from '@portcullis/runtime/log'
import { randomFraction } from '@portcullis/runtime/random'
import { inSpan } from '@portcullis/runtime/tracing'
import { begin, type Begun, type Delivery } from './begin.ts'
import type { Handler, HandlersFor, Step } from './handler.ts'
import { deliveriesIgnored, jobsEnded, jobSeconds, leasesLost } from './metric.ts'
import { failed, type Outcome, stop } from './outcome.ts'
import type { ReadableJob } from './read-job.ts'
import { errorCodeOf, settle } from './settle.ts'

type Leased = Extract<Begun, { kind: 'leased' }>
type Ended = { readonly leased: Leased; readonly receipt: unknown } | { readonly leased: Leased; readonly outcome: Outcome }

/** Carries deliveries out, whichever way they came. */
export interface Executor {
  /** Settles when the delivery is over for this process. Never rejects: what failed stands in the ledger and the log. */
  execute(delivery: Delivery): Promise<void>
  /** Deliveries under way. */
  underWay(): number
  /** Stops waiting for a store that is away, and asks long work to stop at its next step. */
  abort(): void
}

/** Settings of `createExecutor`. */
export interface ExecutorOptions<S extends Service> {
  readonly service: S
  readonly database: Database
  readonly handlers: HandlersFor<S>
  readonly log: Logger
  /** Deliveries that may share a transaction. Default 50. */
  readonly batchMost?: number
}

/** An execution that is the newest no more: it must write nothing. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** Wires handlers to the ledger: one transaction per delivery, three beats for effects, leases for what is long. */
export function createExecutor<S extends Service>(options: ExecutorOptions<S>): Executor {
  const { database, log } = options
  // Guarantee: `HandlersFor` has a handler of the right message under each name, and `readJob` picks by name.
  const handlers = options.handlers as unknown as Readonly<Record<string, Handler<MessageName>>>
  const batchMost = options.batchMost ?? 50
  const stopping = new AbortController()
  let underWay = 0

  const beginGathered = createGather<Delivery, Begun>({
    name: 'jobs_begin',
    batchMost,
    inFlightMost: 2,
    repeatable: (error) => !isStoreAway(error),
    run: (deliveries) => inTransaction(database, (tx) => begin(tx, deliveries, handlers)),
  })
  const endGathered = createGather<Ended, Outcome | undefined>({
    name: 'jobs_end',
    batchMost,
    inFlightMost: 2,
    repeatable: (error) => !isStoreAway(error),
    run: (ended) => inTransaction(database, (tx) => end(tx, ended)),
  })

  async function carryOut(delivery: Delivery): Promise<void> {
    const begun = await untilStoreAnswers(() => beginGathered(delivery)).catch((error: unknown) => fail(delivery, error))
    if (!begun) return
    if (begun.kind === 'ignored') return deliveriesIgnored.add(1)
    if (begun.kind === 'ended') return report(begun.read, begun.outcome, begun.ageSeconds)
    const outcome = await inSpan(
      begun.read.job.message,
      { traceparent: begun.read.job.traceparent, kind: 'consumer' },
      () => (begun.read.handler.kind === 'sequence' ? runSequence(begun) : runEffect(begun)),
    )
    if (outcome) report(begun.read, outcome, begun.read.row.ageSeconds)
  }

  async function runEffect(leased: Leased): Promise<Outcome | undefined> {
    const { handler } = leased.read
    if (handler.kind !== 'effect') return undefined
    const ended: Ended = await withDeadline(handler.actSeconds * 1000, leased.read.job.message, (signal) =>
      handler.act(leased.plan, signal),
    ).then(
      (receipt: unknown) => ({ leased, receipt }),
      (error: unknown) => {
        log.warn({ err: error, jobId: leased.owned.id, message: leased.read.job.message }, 'effect failed')
        return { leased, outcome: failed(errorCodeOf(error)) }
      },
    )
    return untilStoreAnswers(() => endGathered(ended))
  }

  async function runSequence(leased: Leased): Promise<Outcome | undefined> {
    const { handler, job } = leased.read
    if (handler.kind !== 'sequence') return undefined
    const step: Step = (work) =>
      inTransaction(database, async (tx) => {
        stopping.signal.throwIfAborted()
        if (!(await extendLease(tx, leased.owned, handler.leaseSeconds))) throw new LeaseLost()
        return work(tx)
      })
    const outcome = await handler.run(job, step, stopping.signal).catch((error: unknown) => {
      if (!(error instanceof LeaseLost)) log.warn({ err: error, jobId: job.id, message: job.message }, 'sequence failed')
      return failed(errorCodeOf(error))
    })
    return untilStoreAnswers(() => endGathered({ leased, outcome }))
  }

  /** Writes the ends of effects and sequences, each only where it is still the newest execution of its job. */
  async function end(tx: Tx, all: readonly Ended[]): Promise<(Outcome | undefined)[]> {
    const owned = await lockOwnedJobs(
      tx,
      all.map((one) => one.leased.owned),
    )
    const outcomes = new Map<Ended, Outcome>()
    const acted: (Extract<Ended, { receipt: unknown }>)[] = []
    for (const one of all) {
      if (!owned.has(one.leased.owned.id)) leasesLost.add(1)
      else if ('outcome' in one) outcomes.set(one, one.outcome)
      else acted.push(one)
    }
    for (const [handler, group] of Map.groupBy(acted, (one) => one.leased.read.handler)) {
      if (handler.kind !== 'effect') continue
      const results = await handler.record(
        tx,
        group.map((one) => ({ job: one.leased.read.job, plan: one.leased.plan, receipt: one.receipt })),
      )
      for (const [place, one] of group.entries()) outcomes.set(one, results[place] ?? stop('no_outcome'))
    }
    await settleJobs(
      tx,
      [...outcomes].map(([one, outcome]) => settle(one.leased.read.row, outcome, true)),
    )
    return all.map((one) => outcomes.get(one))
  }

  /** A delivery whose transaction was rolled back: its job is put off, or dead when it failed too often. */
  async function fail(delivery: Delivery, error: unknown): Promise<undefined> {
    if (isStoreAway(error)) return undefined // Only when draining: the relay hands it out again.
    log.error({ err: error, jobId: delivery.id }, 'job failed')
    const outcome = failed(errorCodeOf(error))
    await untilStoreAnswers(() =>
      inTransaction(database, async (tx) => {
        const rows = await lockDeliveredJobs(tx, [delivery])
        await settleJobs(
          tx,
          rows.map((row) => settle(row, outcome, false)),
        )
      }),
    )
    jobsEnded.add(1, { service: options.service, outcome: outcome.kind })
    return undefined
  }

  /** A store that is away is waited for, holding this delivery's place: the ledger can say nothing meanwhile. */
  async function untilStoreAnswers<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work()
      } catch (error) {
        if (!isStoreAway(error) || stopping.signal.aborted) throw error
        if (attempt === 1) log.warn({ err: error }, 'the store is away: waiting for it')
        await pause(backoffMs(attempt, { baseMs: 100, capMs: 2000 }, randomFraction()), stopping.signal)
      }
    }
  }

  function report(read: ReadableJob | undefined, outcome: Outcome, ageSeconds: number): void {
    jobsEnded.add(1, { service: options.service, message: read?.job.message ?? 'unknown', outcome: outcome.kind })
    if (outcome.kind === 'done' && read) jobSeconds.record(ageSeconds, { message: read.job.message })
    if (outcome.kind === 'stop') log.error({ jobId: read?.job.id, message: read?.job.message, errorCode: outcome.code }, 'job is dead')
  }

  return {
    async execute(delivery) {
      underWay += 1
      try {
        await carryOut(delivery)
      } catch (error) {
        // Left as it stands in the ledger: the relay finds it there and hands it out again.
        log.error({ err: error, jobId: delivery.id }, 'delivery given up')
      } finally {
        underWay -= 1
      }
    },
    underWay: () => underWay,
    abort: () => stopping.abort(),
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, milliseconds)
    signal.addEventListener('abort', over)
  })
}
