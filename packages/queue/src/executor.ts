import type { MessageName } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { inTransaction, isStoreAway, type Tx } from '@portcullis/db/transaction'
import { systemClock } from '@portcullis/runtime/clock'
import { createGather } from '@portcullis/runtime/gather'
import type { Logger } from '@portcullis/runtime/log'
import { inSpan } from '@portcullis/runtime/tracing'
import { begin, type Begun, type Delivery } from './begin.ts'
import { actOut } from './effect.ts'
import { type Ended, endLeased, endRolledBack, type Leased } from './ending.ts'
import type { Handler, HandlersFor } from './handler.ts'
import { deliveriesIgnored, jobsEnded, jobSeconds } from './metric.ts'
import { failed, type Outcome } from './outcome.ts'
import type { ReadableJob } from './read-job.ts'
import { runSequence, WorkerStopping } from './sequence.ts'
import { errorCodeOf } from './settle.ts'
import { untilStoreAnswers } from './store-wait.ts'

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

/** Wires handlers to the ledger: one transaction per delivery, three beats for effects, leases for what is long. */
export function createExecutor<S extends Service>(options: ExecutorOptions<S>): Executor {
  const { database, log } = options
  // Guarantee: `HandlersFor` has a handler of the right message under each name, and `readJob` picks by name.
  const handlers = options.handlers as unknown as Readonly<Record<string, Handler<MessageName>>>
  const stopping = new AbortController()
  const report = createReport(options)
  let underWay = 0

  const beginGathered = gathered<Delivery, Begun>('jobs_begin', (tx, deliveries) => begin(tx, deliveries, handlers))
  const endGathered = gathered<Ended, Outcome | undefined>('jobs_end', endLeased)

  /** Many small transactions made one; while the store is away, waits for it and holds the delivery's place. */
  function gathered<In, Out>(name: string, work: (tx: Tx, items: readonly In[]) => Promise<readonly Out[]>) {
    const once = createGather<In, Out>({
      name,
      batchMost: options.batchMost ?? 50,
      inFlightMost: 2,
      repeatable: (error) => !isStoreAway(error),
      run: (items) => inTransaction(database, (tx) => work(tx, items)),
    })
    return (item: In) => untilStoreAnswers(() => once(item), stopping.signal, log)
  }

  async function carryOut(delivery: Delivery): Promise<void> {
    const begun = await beginGathered(delivery).catch((error: unknown) => fail(delivery, error))
    if (!begun) return
    if (begun.kind === 'ignored') return deliveriesIgnored.add(1)
    if (begun.kind === 'ended') return report(begun.read, begun.outcome, begun.ageSeconds)
    const { job, row } = begun.read
    const span = { traceparent: job.traceparent, kind: 'consumer' } as const
    const begunMs = systemClock.monotonicMs()
    const outcome = await inSpan(job.message, span, async () => endGathered(await run(begun)))
    if (outcome) report(begun.read, outcome, row.ageSeconds + (systemClock.monotonicMs() - begunMs) / 1000)
  }

  async function run(leased: Leased): Promise<Ended> {
    const { handler } = leased.read
    if (handler.kind === 'effect') return actOut(handler, leased, log)
    if (handler.kind === 'sequence') return runSequence(handler, leased, { database, log, stopping: stopping.signal })
    return { leased, outcome: failed('not_leasable') }
  }

  /** A delivery whose transaction was rolled back: its job is put off, or dead when it failed too often. */
  async function fail(delivery: Delivery, error: unknown): Promise<undefined> {
    if (isStoreAway(error)) return // Only when draining: the relay hands it out again.
    log.error({ err: error, jobId: delivery.id }, 'job failed')
    const outcome = failed(errorCodeOf(error))
    const end = () => inTransaction(database, (tx) => endRolledBack(tx, delivery, outcome))
    await untilStoreAnswers(end, stopping.signal, log)
    report(undefined, outcome, 0)
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
    abort: () => stopping.abort(new WorkerStopping()),
  }
}

/** Tells metrics and log how executions end. */
function createReport({ service, log }: { readonly service: Service; readonly log: Logger }) {
  return (read: ReadableJob | undefined, outcome: Outcome, ageSeconds: number): void => {
    const message = read?.job.message ?? 'unknown'
    jobsEnded.add(1, { service, message, outcome: outcome.kind })
    if (outcome.kind === 'done') jobSeconds.record(ageSeconds, { message })
    if (outcome.kind === 'stop') log.error({ jobId: read?.job.id, message, errorCode: outcome.code }, 'job is dead')
  }
}
