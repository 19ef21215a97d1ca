import { inTransaction } from '@portcullis/db/transaction'
import { leaseJobs } from '@portcullis/db/queries/job'
import { createPublisher, type Publisher } from '@portcullis/queue/publisher'
import { createLogger } from '@portcullis/runtime/log'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { claimAll, enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { useRedis } from '@portcullis/testkit/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reconcileJobs } from './reconcile.ts'

const store = useDatabase()
const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })
let publisher: Publisher | undefined
beforeEach(async () => {
  await store.database.sql`truncate jobs`
  redis?.open()
  await redis?.flush()
})
afterEach(async () => {
  await publisher?.close()
  publisher = undefined
})

/** A publisher whose Redis has answered and remembers. */
async function openPublisher(): Promise<Publisher> {
  const answered = Promise.withResolvers<void>()
  publisher = createPublisher({
    redisUrl: redis!.url,
    hearers: ['notifier'],
    log,
    prefix: redis!.prefix,
    onChange: (answers) => answers && answered.resolve(),
  })
  await answered.promise
  await publisher.setMarker()
  return publisher
}

/** Hands out jobs to the ledger and, unless told otherwise, to the queue. */
async function publish(count: number, toQueue = true) {
  const ids = await enqueue(store.database, ...Array.from({ length: count }, () => ({})))
  const dispatches = await claimAll(store.database)
  if (toQueue) await publisher!.publish(dispatches)
  return ids
}

const states = async () => (await readJobs(store.database)).map((job) => job.state)

describe.runIf(redis)('reconciling', () => {
  it('after a flush hands every published job out again, once, and is not fooled a second time', async () => {
    const queues = await openPublisher()
    const ids = await publish(5)
    expect(await reconcileJobs(store.database, queues, log)).toBe(false)
    expect(await states()).toEqual(ids.map(() => 'published'))
    await redis!.flush()
    expect(await reconcileJobs(store.database, queues, log)).toBe(true)
    expect((await readJobs(store.database)).map((job) => [job.state, job.code])).toEqual(
      ids.map(() => ['pending', 'lost']),
    )
    expect(await queues.hasMarker()).toBe(true)
    await queues.publish(await claimAll(store.database))
    expect(await reconcileJobs(store.database, queues, log)).toBe(false)
    expect(await states()).toEqual(ids.map(() => 'published'))
  })

  it('after a flush leaves alone what some worker owns', async () => {
    const queues = await openPublisher()
    const [owned] = await publish(2)
    await inTransaction(store.database, (tx) => leaseJobs(tx, [owned!], 30))
    await redis!.flush()
    await reconcileJobs(store.database, queues, log)
    expect(await states()).toEqual(['published', 'pending'])
  })

  it('that dies before it has set the marker is repeated, never forgotten', async () => {
    const queues = await openPublisher()
    await publish(2)
    await redis!.flush()
    const dying: Publisher = { ...queues, setMarker: () => Promise.reject(new Error('killed')) }
    await expect(reconcileJobs(store.database, dying, log)).rejects.toThrow('killed')
    expect(await queues.hasMarker()).toBe(false)
    expect(await states()).toEqual(['pending', 'pending'])
    await reconcileJobs(store.database, queues, log)
    expect(await queues.hasMarker()).toBe(true)
  })

  it('finds the one job that its queue has lost after ten seconds, and leaves those that wait there', async () => {
    const queues = await openPublisher()
    const [waits] = await publish(1)
    const [lost] = await publish(1, false)
    expect(await reconcileJobs(store.database, queues, log)).toBe(false)
    expect(await states()).toEqual(['published', 'published'])
    for (const id of [waits!, lost!]) await age(store.database, 'jobs', id, 11)
    await reconcileJobs(store.database, queues, log)
    expect(await readJob(store.database, waits!)).toMatchObject({ state: 'published' })
    expect(await readJob(store.database, lost!)).toMatchObject({ state: 'pending', code: 'lost' })
  })

  it('gives up a job that is lost again and again', async () => {
    const queues = await openPublisher()
    const [id] = await publish(1, false)
    await store.database.sql`update jobs set generation = 50`
    await age(store.database, 'jobs', id!, 11)
    await reconcileJobs(store.database, queues, log)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'dead', code: 'lost_too_often' })
  })

  it('while Redis is away frees jobs after two seconds, for whoever takes them from the ledger', async () => {
    const queues = await openPublisher()
    const [young, old] = await publish(2)
    redis!.shut()
    await vi.waitFor(() => expect(queues.answers()).toBe(false), { timeout: 3000, interval: 10 })
    await age(store.database, 'jobs', old!, 3)
    await store.database.sql`update jobs set published_at = now() where id = ${young!}`
    await reconcileJobs(store.database, queues, log)
    expect(await states()).toEqual(['published', 'pending'])
  })

  it('that loses Redis in the middle fails and changes nothing', async () => {
    const queues = await openPublisher()
    await publish(2)
    redis!.shut()
    const cut: Publisher = { ...queues, answers: () => true }
    await expect(reconcileJobs(store.database, cut, log)).rejects.toThrow()
    expect(await states()).toEqual(['published', 'published'])
  })
})

describe('reconciling where there is no Redis at all', () => {
  it('frees jobs whose taker vanished, after two seconds', async () => {
    const ids = await publish(2, false)
    await age(store.database, 'jobs', ids[1]!, 3)
    await reconcileJobs(store.database, undefined, log)
    expect(await states()).toEqual(['published', 'pending'])
  })

  it('says when there may be more', async () => {
    await publish(501, false)
    await store.database.sql`update jobs set published_at = now() - interval '3 s'`
    expect(await reconcileJobs(store.database, undefined, log)).toBe(true)
    expect(await reconcileJobs(store.database, undefined, log)).toBe(false)
    expect(new Set(await states())).toEqual(new Set(['pending']))
  })
})
