import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { systemClock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import { startCanary, type CanaryOptions } from './canary.ts'
import { createDirect } from './direct.ts'
import { createExecutor } from './executor.ts'
import type { HandlersFor } from './handler.ts'
import { openIntake } from './intake.ts'

/** A service that hears messages. */
export interface QueueWorker {
  /** Takes nothing more, and waits until all that was taken is over. Unbounded: give it a deadline. */
  stop(): Promise<void>
  /** `queue`, or `ledger` while Redis is away. */
  source(): 'queue' | 'ledger'
}

/** Settings of `startWorker`. */
export interface WorkerOptions<S extends Service> {
  readonly service: S
  readonly handlers: HandlersFor<S>
  readonly database: Database
  readonly databaseUrl: string
  /** Absent: there is no Redis; jobs are taken straight from the ledger. */
  readonly redisUrl: string | undefined
  readonly log: Logger
  /** Deliveries at a time. Default 50. */
  readonly concurrency?: number
  readonly prefix?: string
  /** Called when the worker is connected but takes nothing. The process should end and be started again. */
  readonly onWedged: (reason: string) => void
  readonly canary?: Pick<CanaryOptions, 'patienceMs' | 'everyMs'>
}

/** Starts taking jobs: from the queue while Redis answers, straight from the ledger while it does not. */
export function startWorker<S extends Service>(options: WorkerOptions<S>): QueueWorker {
  const { service, database, log } = options
  const concurrency = options.concurrency ?? 50
  const executor = createExecutor({ service, database, handlers: options.handlers, log })
  const direct = createDirect({ service, database, databaseUrl: options.databaseUrl, executor, log, concurrency })

  if (options.redisUrl === undefined) {
    log.info('no redis: jobs are taken from the ledger')
    direct.start()
    return { stop: () => stop(undefined), source: () => 'ledger' }
  }

  const intake = openIntake({
    service,
    redisUrl: options.redisUrl,
    log,
    concurrency,
    ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
    onDelivery(delivery) {
      canary.taken()
      return executor.execute(delivery)
    },
    onChange(answers) {
      log.info(
        { answers },
        answers ? 'redis answers: jobs come by queue' : 'redis is away: jobs are taken from the ledger',
      )
      if (answers) void direct.stop()
      else direct.start()
    },
  })
  const canary = startCanary({
    clock: systemClock,
    countWaiting: intake.countWaiting,
    hasRoom: () => executor.underWay() < concurrency,
    onWedged: options.onWedged,
    ...options.canary,
  })
  // Until Redis has answered once, nothing is known; should it stay away, the ledger is read after a second.
  const undecided = setTimeout(() => {
    if (!intake.answers()) direct.start()
  }, 1000)

  async function stop(close: (() => Promise<void>) | undefined): Promise<void> {
    const quiet = direct.stop()
    executor.abort()
    await Promise.all([quiet, close?.()])
    await idle(() => executor.underWay() === 0)
  }

  return {
    stop: () => {
      clearTimeout(undecided)
      canary.close()
      return stop(() => intake.close())
    },
    source: () => (direct.running() ? 'ledger' : 'queue'),
  }
}

/** Looks until it is so: only while a process ends, when a few milliseconds do not matter. */
function idle(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (isSo() ? resolve() : setTimeout(look, 10))
    look()
  })
}
