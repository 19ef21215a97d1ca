import { createLogger } from '@portcullis/runtime/log'
import { useRedis } from '@portcullis/testkit/redis'
import type * as bullmq from 'bullmq'
import type { Queue, Worker } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Intake, openIntake as OpenIntake } from './intake.ts'
import type { createPublisher as CreatePublisher, Publisher } from './publisher.ts'
import { connectProducer, connectWorker } from './redis.ts'

// The library does all it does; it only leaves its objects here, too. For modules that are loaded in this file alone: test files
// share the rest.
const made = { queues: [] as Queue[], workers: [] as Worker[], processors: [] as unknown[] }
let createPublisher: typeof CreatePublisher
let openIntake: typeof OpenIntake
beforeAll(async () => {
  vi.resetModules()
  vi.doMock(import('bullmq'), seenBy)
  ;({ createPublisher } = await import('./publisher.ts'))
  ;({ openIntake } = await import('./intake.ts'))
})
afterAll(() => {
  vi.doUnmock('bullmq')
  vi.resetModules()
})

async function seenBy(original: () => Promise<typeof bullmq>) {
  const real = await original()
  class SeenQueue extends real.Queue {
    constructor(...given: ConstructorParameters<typeof real.Queue>) {
      super(...given)
      made.queues.push(this)
    }
  }
  class SeenWorker extends real.Worker {
    constructor(...given: ConstructorParameters<typeof real.Worker>) {
      super(...given)
      made.workers.push(this)
      made.processors.push(given[1])
    }
  }
  return { ...real, Queue: SeenQueue as typeof real.Queue, Worker: SeenWorker as typeof real.Worker }
}

const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })
const open: (Publisher | Intake)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

describe.runIf(redis)('the settings of the queues', () => {
  it('a connection that publishes fails soon rather than wait: the ledger keeps the job either way', () => {
    const connection = connectProducer(redis!.url, () => {})
    expect(connection.options).toMatchObject({
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      commandTimeout: 3000,
      socketTimeout: 10_000,
    })
    connection.disconnect()
  })

  it('a connection of a worker waits out an outage, and gives up a half-open socket', () => {
    const connection = connectWorker(redis!.url, () => {})
    expect(connection.options).toMatchObject({ maxRetriesPerRequest: null, socketTimeout: 20_000 })
    connection.disconnect()
  })

  it('nobody waits longer than a second before the next attempt to connect', () => {
    for (const connect of [connectProducer, connectWorker]) {
      const connection = connect(redis!.url, () => {})
      const waits = [1, 2, 5, 10, 1000].map((attempt) => connection.options.retryStrategy?.(attempt))
      expect(waits).toEqual([100, 200, 1000, 1000, 1000])
      connection.disconnect()
    }
  })

  it('the queue of a publisher keeps nothing and retries nothing: Postgres owns that', () => {
    open.push(createPublisher({ redisUrl: redis!.url, hearers: ['notifier'], log, prefix: redis!.prefix }))
    expect(made.queues.pop()?.opts).toMatchObject({
      streams: { events: { maxLen: 1000 } },
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
      connection: { options: { maxRetriesPerRequest: 1, enableOfflineQueue: false } },
    })
  })

  it('a worker notices a killed one within seconds, never kills a job for stalling, and can be told to stop', () => {
    open.push(
      openIntake({
        service: 'notifier',
        redisUrl: redis!.url,
        log,
        concurrency: 7,
        prefix: redis!.prefix,
        onDelivery: async () => {},
        onChange: () => {},
      }),
    )
    expect(made.workers.pop()?.opts).toMatchObject({
      concurrency: 7,
      drainDelay: 5,
      lockDuration: 15_000,
      stalledInterval: 5000,
      maxStalledCount: 20,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      connection: { options: { maxRetriesPerRequest: null, socketTimeout: 20_000 } },
    })
    // BullMQ looks at this number to decide whether the processor is given its signal.
    expect(made.processors.pop()).toHaveLength(3)
  })
})
