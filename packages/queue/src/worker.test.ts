import { insertJobs } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import { createLogger } from '@portcullis/runtime/log'
import { useDatabase } from '@portcullis/testkit/database'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { claimAll, enqueue, makeJob, readJob, readJobs } from '@portcullis/testkit/ledger'
import { useRedis } from '@portcullis/testkit/redis'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HandlersFor, TransactionHandler } from './handler.ts'
import { done } from './outcome.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { type QueueWorker, startWorker, type WorkerOptions } from './worker.ts'

const store = useDatabase()
const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })

let publisher: Publisher
const workers: QueueWorker[] = []

beforeEach(async () => {
  await store.database.sql`truncate jobs`
  redis?.open()
  await redis?.flush()
})
afterEach(async () => {
  redis?.open()
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await publisher?.close()
})

/** A publisher whose Redis has answered. */
async function openPublisher(): Promise<void> {
  const answered = Promise.withResolvers<void>()
  publisher = createPublisher({
    redisUrl: redis!.url,
    hearers: ['notifier'],
    log,
    prefix: redis!.prefix,
    onChange: (answers) => answers && answered.resolve(),
  })
  await answered.promise
}

function start(
  handlers: Partial<HandlersFor<'notifier'>> = {},
  given: Partial<WorkerOptions<'notifier'>> = {},
): QueueWorker {
  const worker = startWorker<'notifier'>({
    service: 'notifier',
    handlers: makeHandlers(handlers),
    database: store.database,
    databaseUrl: store.url,
    redisUrl: redis?.url,
    log,
    prefix: redis?.prefix ?? 'none',
    onWedged: () => {},
    ...given,
  })
  workers.push(worker)
  return worker
}

/** Hands out what is due as the relay does. */
const relay = async () => publisher.publish(await claimAll(store.database))

const allDone = () =>
  vi.waitFor(
    async () => {
      const open = (await readJobs(store.database)).filter((job) => job.state !== 'done')
      expect(open).toEqual([])
    },
    { timeout: 5000, interval: 20 },
  )
const source = (worker: QueueWorker, expected: string) =>
  vi.waitFor(() => expect(worker.source()).toBe(expected), { timeout: 5000, interval: 10 })

/** A handler that stands at a gate. */
function gate() {
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const handler: TransactionHandler<'send.notice'> = {
    kind: 'transaction',
    async work(_tx, jobs) {
      begun.resolve()
      await go.promise
      return jobs.map(() => done)
    },
  }
  return { handler, begun: begun.promise, go: go.resolve }
}

describe.runIf(redis)('a worker', () => {
  it('takes jobs from its queue while Redis answers, and leaves nothing there', async () => {
    await openPublisher()
    const worker = start()
    await enqueue(store.database, ...Array.from({ length: 20 }, () => ({})))
    await relay()
    await allDone()
    expect(worker.source()).toBe('queue')
    expect((await readJobs(store.database)).every((job) => job.state === 'done' && job.generation === 1)).toBe(true)
    await vi.waitFor(async () => {
      const keys = await redis!.client.keys(`${redis!.prefix}:notifier:*`)
      expect(keys.filter((key) => /[0-9a-f]{12}_\d+$/.test(key))).toEqual([])
    })
  })

  it('takes due jobs straight from the ledger within two seconds of losing Redis, and returns to the queue', async () => {
    await openPublisher()
    const worker = start()
    await enqueue(store.database, {})
    await relay()
    await allDone()

    redis!.shut()
    const began = performance.now()
    await enqueue(store.database, {}, {})
    await allDone()
    expect(performance.now() - began).toBeLessThan(2500)
    expect(worker.source()).toBe('ledger')

    redis!.open()
    await source(worker, 'queue')
    await vi.waitFor(() => expect(publisher.answers()).toBe(true), { timeout: 5000, interval: 10 })
    const [late] = await enqueue(store.database, {})
    await relay()
    await allDone()
    expect(await readJob(store.database, late!)).toMatchObject({ state: 'done', generation: 1 })
  })

  it('that starts while Redis is away works from the ledger, and takes from the queue when it comes', async () => {
    redis!.shut()
    const worker = start()
    await enqueue(store.database, {})
    await allDone()
    expect(worker.source()).toBe('ledger')
    redis!.open()
    await source(worker, 'queue')
    await openPublisher()
    await enqueue(store.database, {})
    await relay()
    await allDone()
  })

  it('goes on when Redis comes back with an empty memory', async () => {
    await openPublisher()
    start()
    await enqueue(store.database, {})
    await relay()
    await allDone()
    redis!.shut()
    await redis!.flush()
    redis!.open()
    await vi.waitFor(() => expect(publisher.answers()).toBe(true), { timeout: 5000, interval: 10 })
    await enqueue(store.database, {})
    await relay()
    await allDone()
  })

  it('that is told to stop ends what it took, and takes nothing more from queue or ledger', async () => {
    await openPublisher()
    const { handler, begun, go } = gate()
    const worker = start({ 'send.notice': handler })
    const [taken] = await enqueue(store.database, {})
    await relay()
    await begun
    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    const [queued] = await enqueue(store.database, {})
    await relay()
    const [waiting] = await enqueue(store.database, {})
    // Several round trips later it still waits for the one.
    for (let trip = 0; trip < 5; trip += 1) await store.database.sql`select 1`
    expect(stopped).toBe(false)
    go()
    await stopping
    // A look at the ledger, had it any more, would come within 200 ms.
    await store.database.sql`select pg_sleep(0.4)`
    expect(await readJob(store.database, taken!)).toMatchObject({ state: 'done' })
    expect(await readJob(store.database, queued!)).toMatchObject({ state: 'published' })
    expect(await readJob(store.database, waiting!)).toMatchObject({ state: 'pending' })
    expect(worker.source()).toBe('queue')
  })

  it('stops soon also while Redis is away', async () => {
    const worker = start()
    redis!.shut()
    await source(worker, 'ledger')
    const began = performance.now()
    await worker.stop()
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('counts an attempt for a job whose worker vanished without a word, and does not begin it', async () => {
    await openPublisher()
    const [id] = await enqueue(store.database, {})
    await relay()
    await loseTo(redis!.prefix)
    start()
    await vi.waitFor(
      async () =>
        expect(await readJob(store.database, id!)).toMatchObject({
          state: 'pending',
          code: 'worker_lost',
          attempts: 1,
        }),
      { timeout: 10_000, interval: 20 },
    )
  })

  it('ignores what others put into its queue', async () => {
    await openPublisher()
    start()
    const stray = new Redis(redis!.url, { maxRetriesPerRequest: null })
    const { Queue } = await import('bullmq')
    const queue = new Queue('notifier', { connection: stray, prefix: redis!.prefix })
    await queue.add('stray', { any: 'thing' }, { jobId: 'not-of-the-ledger', removeOnComplete: true })
    await enqueue(store.database, {})
    await relay()
    await allDone()
    await vi.waitFor(async () =>
      expect(await queue.getJobCounts('wait', 'active', 'failed')).toEqual({ wait: 0, active: 0, failed: 0 }),
    )
    await queue.close()
    stray.disconnect()
  })
})

/** Lets a stranger take what waits in the notifier's queue and vanish; sees to it that the queue has noticed. */
async function loseTo(prefix: string): Promise<void> {
  const connection = new Redis(redis!.url, { maxRetriesPerRequest: null })
  const took = Promise.withResolvers<void>()
  const vanishing = new Worker(
    'notifier',
    async () => {
      took.resolve()
      await new Promise(() => {})
    },
    { connection, prefix, lockDuration: 50, skipLockRenewal: true, skipStalledCheck: true },
  )
  vanishing.on('error', () => {})
  await took.promise
  void vanishing.close(true)
  const finder = new Worker('notifier', null, { connection, prefix, stalledInterval: 60, maxStalledCount: 20 })
  finder.on('error', () => {})
  const found = new Promise((resolve) => finder.once('stalled', resolve))
  await finder.startStalledCheckTimer()
  await found
  await finder.close(true)
  connection.disconnect()
}

describe('a worker without Redis', () => {
  const none = { redisUrl: undefined }

  it('takes due jobs from the ledger, woken when they are committed', async () => {
    const worker = start({}, none)
    expect(worker.source()).toBe('ledger')
    await enqueue(store.database, ...Array.from({ length: 200 }, () => ({})))
    await allDone()
  })

  it('takes no more at a time than it was told', async () => {
    let most = 0
    let now = 0
    const handler: TransactionHandler<'send.notice'> = {
      kind: 'transaction',
      async work(tx, jobs) {
        now += jobs.length
        most = Math.max(most, now)
        await tx.sql`select pg_sleep(0.01)`
        now -= jobs.length
        return jobs.map(() => done)
      },
    }
    start({ 'send.notice': handler }, { ...none, concurrency: 3 })
    await enqueue(store.database, ...Array.from({ length: 15 }, () => ({})))
    await allDone()
    expect(most).toBeLessThanOrEqual(3)
  })

  it('takes what comes due later, without being woken', async () => {
    start({}, none)
    const began = performance.now()
    await enqueue(store.database, { delayMs: 300 })
    await allDone()
    expect(performance.now() - began).toBeGreaterThan(290)
  })

  it('that is told to stop ends what it took and takes nothing more', async () => {
    const { handler, begun, go } = gate()
    const worker = start({ 'send.notice': handler }, none)
    const [taken] = await enqueue(store.database, {})
    await begun
    const stopping = worker.stop()
    const [waiting] = await enqueue(store.database, {})
    go()
    await stopping
    await store.database.sql`select pg_sleep(0.4)`
    expect(await readJob(store.database, taken!)).toMatchObject({ state: 'done' })
    expect(await readJob(store.database, waiting!)).toMatchObject({ state: 'pending' })
  })

  it('that is told to stop while it looks into the ledger ends what that look takes', async () => {
    const worker = start({}, none)
    await enqueue(store.database, {})
    await allDone()
    let stopping: Promise<void> | undefined
    const [id] = await inTransaction(store.database, async (tx) => {
      await tx.sql`lock table jobs in access exclusive mode`
      const jobs = [makeJob()]
      await insertJobs(tx, jobs)
      await vi.waitFor(async () => {
        const waiting = await store.database.sql`
          select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`
        expect(waiting).not.toHaveLength(0)
      })
      stopping = worker.stop()
      return jobs.map((job) => job.id)
    })
    await stopping
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done' })
  })
})
