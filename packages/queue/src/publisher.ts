import type { Service } from '@portcullis/contracts/service'
import type { Dispatch, Room } from '@portcullis/db/queries/job'
import { withDeadline } from '@portcullis/runtime/deadline'
import type { Logger } from '@portcullis/runtime/log'
import { Queue } from 'bullmq'
import { defaultPrefix, type JobData, jobIdOf } from './queue-name.ts'
import { connectProducer, watchRedis } from './redis.ts'

/** The relay's side of the queues. Every call may fail; then nothing is lost, the ledger has it. */
export interface Publisher {
  /** Whether Redis answered when last asked. */
  answers(): boolean
  /** Adds jobs to the queues of their hearers. A throw means: perhaps none, perhaps some. */
  publish(dispatches: readonly Dispatch[]): Promise<void>
  /** How many jobs each hearer may be handed now, so that no queue holds more than `windowJobs` waiting. */
  measureRooms(): Promise<Room[]>
  /** Which of these are in their queue no more. */
  listMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]>
  /** Whether the marker is there that `setMarker` left: gone after a flush or an empty failover. */
  hasMarker(): Promise<boolean>
  setMarker(): Promise<void>
  close(): Promise<void>
}

/** Settings of `createPublisher`. */
export interface PublisherOptions {
  readonly redisUrl: string
  readonly hearers: readonly Service[]
  readonly log: Logger
  /** Default `portcullis`. */
  readonly prefix?: string
  /** Jobs that may wait in one queue; the rest waits in the ledger, in order of urgency. Default 2000. */
  readonly windowJobs?: number
  readonly onChange?: (answers: boolean) => void
}

/** Beyond the time limits of the connection itself: an attempt that takes longer counts as failed. */
const publishDeadlineMs = 5000

/** Opens the queues for publishing. Does not wait for Redis to be there. */
export function createPublisher(options: PublisherOptions): Publisher {
  const prefix = options.prefix ?? defaultPrefix
  const windowJobs = options.windowJobs ?? 2000
  const markerKey = `${prefix}:ledger-marker`
  const quiet = (error: Error) => options.log.debug({ err: error }, 'redis connection error')
  const redis = connectProducer(options.redisUrl, quiet)
  const watch = watchRedis(redis, (answers) => {
    options.log.info({ answers }, answers ? 'redis answers' : 'redis is away: jobs wait in the ledger')
    options.onChange?.(answers)
  })
  const queues = new Map(options.hearers.map((hearer) => [hearer, openQueue(hearer)]))

  function openQueue(hearer: Service): Queue<JobData> {
    const queue = new Queue<JobData>(hearer, {
      connection: redis,
      prefix,
      streams: { events: { maxLen: 1000 } },
      defaultJobOptions: {
        // Postgres owns retries; the queue carries due work only, and keeps nothing.
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: true,
      },
    })
    queue.on('error', quiet)
    return queue
  }

  return {
    answers: () => watch.answers(),
    async publish(dispatches) {
      const byHearer = Map.groupBy(dispatches, (dispatch) => dispatch.hearer)
      await withDeadline(publishDeadlineMs, 'publish', () =>
        Promise.all(
          [...byHearer].map(async ([hearer, due]) => {
            const named = due.map((one) => ({ name: one.message, data: {}, opts: { jobId: jobIdOf(one) } }))
            await queues.get(hearer)?.addBulk(named)
          }),
        ),
      )
    },
    async measureRooms() {
      const entries = [...queues]
      const waiting = await Promise.all(entries.map(([, queue]) => redis.llen(queue.toKey('wait'))))
      return entries.map(([hearer], place) => ({ hearer, most: Math.max(0, windowJobs - (waiting[place] ?? 0)) }))
    },
    async listMissing(dispatches) {
      const found = await Promise.all(
        dispatches.map((one) => redis.exists(queues.get(one.hearer)?.toKey(jobIdOf(one)) ?? '')),
      )
      return dispatches.filter((_, place) => found[place] === 0)
    },
    hasMarker: async () => (await redis.exists(markerKey)) === 1,
    setMarker: async () => void (await redis.set(markerKey, '1')),
    async close() {
      watch.close()
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
      // A connection that was handed to BullMQ is not closed by it, and would keep the process alive.
      redis.disconnect()
    },
  }
}
