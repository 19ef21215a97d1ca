import type { Service } from '@portcullis/contracts/service'
import type { Logger } from '@portcullis/runtime/log'
import { type Job, Queue, Worker } from 'bullmq'
import type { Delivery } from './begin.ts'
import { defaultPrefix, type JobData, parseJobId } from './queue-name.ts'
import { connectProducer, connectWorker, watchRedis } from './redis.ts'

/** A worker's end of its queue. */
export interface Intake {
  /** Whether Redis answered when last asked. */
  answers(): boolean
  /** Jobs that wait in the queue. Throws while Redis is away. */
  countWaiting(): Promise<number>
  /** Takes nothing more; waits for what was taken. */
  close(): Promise<void>
}

/** Settings of `openIntake`. */
export interface IntakeOptions {
  readonly service: Service
  readonly redisUrl: string
  readonly log: Logger
  readonly concurrency: number
  readonly prefix?: string
  readonly onDelivery: (delivery: Delivery) => Promise<void>
  readonly onChange: (answers: boolean) => void
}

/** Opens a BullMQ worker that knows nothing of retries, failures or schedules: it only brings ids. */
export function openIntake(options: IntakeOptions): Intake {
  const prefix = options.prefix ?? defaultPrefix
  const quiet = (error: Error) => options.log.debug({ err: error }, 'redis connection error')
  const asking = connectProducer(options.redisUrl, quiet)
  const watch = watchRedis(asking, options.onChange)
  const queue = new Queue<JobData>(options.service, { connection: asking, prefix })
  queue.on('error', quiet)

  // Three named parameters: BullMQ passes the signal only to a processor that declares it.
  const processor = async (job: Job<JobData>, _token: string | undefined, _signal: AbortSignal | undefined) => {
    const named = parseJobId(job.id)
    if (named) await options.onDelivery({ ...named, again: job.attemptsStarted > 1 })
  }
  const connection = connectWorker(options.redisUrl, quiet)
  const worker = new Worker<JobData>(options.service, processor, {
    connection,
    prefix,
    concurrency: options.concurrency,
    // Seconds of one blocking wait: short, so that a connection that died without a word is noticed soon.
    drainDelay: 5,
    // A worker that was killed is noticed after 15 s, not 30, and its job is moved at one of two checks 5 s apart.
    lockDuration: 15_000,
    stalledInterval: 5000,
    // Two deploys or out-of-memory kills must not kill a job: how often it may be begun is decided in Postgres.
    maxStalledCount: 20,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  })
  worker.on('error', quiet)

  return {
    answers: () => watch.answers(),
    countWaiting: () => queue.getWaitingCount(),
    async close() {
      watch.close()
      // `close` waits for what was taken; while Redis is away it cannot, so it is not asked to.
      await worker.close(!watch.answers())
      await queue.close().catch(quiet)
      // Connections that were handed to BullMQ are not closed by it, and would keep the process alive.
      connection.disconnect()
      asking.disconnect()
    },
  }
}
