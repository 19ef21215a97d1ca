import { useDatabase } from '@portcullis/testkit/database'
import { age } from '@portcullis/testkit/age'
import { claimAll, enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { beforeEach, describe, expect, it } from 'vitest'
import { inTransaction, type Tx } from '../transaction.ts'
import { deleteOldJobs, listOverdueJobs, measureLag, requeueAllPublishedJobs, requeueLostJobs } from './job-upkeep.ts'
import { leaseJobs, lockDeliveredJobs, settleJobs } from './job.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`delete from jobs`
})

const inTx = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)
const day = 24 * 3600

/** Enqueues jobs and hands them out. */
async function published(count: number) {
  const ids = await enqueue(store.database, ...Array.from({ length: count }, () => ({})))
  const dispatches = await claimAll(store.database)
  return ids.map((id) => dispatches.find((one) => one.id === id)!)
}

/** Enqueues a job that ended so many days ago. */
async function ended(state: 'done' | 'dead', days: number): Promise<string> {
  const [dispatch] = await published(1)
  const { id } = dispatch!
  await inTx((tx) => settleJobs(tx, [{ id, state, code: null, delayMs: 0, attempts: 0 }]))
  await age(store.database, 'jobs', id, days * day)
  return id
}

describe('overdue jobs', () => {
  it('are those handed out long ago that nobody owns, oldest first, and no more than asked for', async () => {
    const [old, older, leased, over, young] = await published(5)
    await age(store.database, 'jobs', old!.id, 20)
    await age(store.database, 'jobs', older!.id, 30)
    await age(store.database, 'jobs', leased!.id, 20)
    await inTx((tx) => leaseJobs(tx, [leased!.id], 30))
    await age(store.database, 'jobs', over!.id, 20)
    await inTx((tx) => settleJobs(tx, [{ id: over!.id, state: 'done', code: null, delayMs: 0, attempts: 0 }]))
    expect(await listOverdueJobs(store.database, 10, 10)).toEqual([older, old])
    expect(await listOverdueJobs(store.database, 10, 1)).toEqual([older])
    expect((await listOverdueJobs(store.database, 0, 10)).map((one) => one.id)).toContain(young!.id)
  })

  it('a lease that is over makes its job overdue', async () => {
    const [one] = await published(1)
    await inTx((tx) => leaseJobs(tx, [one!.id], 10))
    await age(store.database, 'jobs', one!.id, 11)
    expect(await listOverdueJobs(store.database, 10, 10)).toEqual([one])
  })
})

describe('lost jobs', () => {
  it('become pending again and due at once, with a code that tells', async () => {
    const [one] = await published(1)
    expect(await requeueLostJobs(store.database, [one!], 50)).toBe(1)
    const row = await readJob(store.database, one!.id)
    expect(row).toMatchObject({ state: 'pending', code: 'lost', generation: 1, attempts: 0 })
    expect(row.dueSeconds).toBeLessThanOrEqual(0)
  })

  it('that were handed out again since, are worked on, owned or over, are left alone', async () => {
    const [again, locked, leased, over] = await published(4)
    await inTx((tx) => leaseJobs(tx, [leased!.id], 30))
    await inTx((tx) => settleJobs(tx, [{ id: over!.id, state: 'done', code: null, delayMs: 0, attempts: 0 }]))
    await inTx(async (worker) => {
      await lockDeliveredJobs(worker, [locked!])
      const lost = [{ ...again!, generation: 0 }, locked!, leased!, over!]
      expect(await requeueLostJobs(store.database, lost, 50)).toBe(0)
    })
    const states = (await readJobs(store.database)).map((row) => row.state)
    expect(states).toEqual(['published', 'published', 'published', 'done'])
  })

  it('that were handed out too often without an end are dead: they seem to take their workers with them', async () => {
    const [one] = await published(1)
    await store.database.sql`update jobs set generation = 50`
    expect(await requeueLostJobs(store.database, [{ ...one!, generation: 50 }], 50)).toBe(1)
    expect(await readJob(store.database, one!.id)).toMatchObject({ state: 'dead', code: 'lost_too_often' })
    const [row] = await store.database.sql`select done_at is not null as ended from jobs`
    expect(row).toEqual({ ended: true })
  })

  it('two relays that find the same job lost put it back once', async () => {
    const lost = await published(50)
    const counts = await Promise.all([1, 2, 3, 4].map(() => requeueLostJobs(store.database, lost, 50)))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50)
  })

  it('when the queues have lost their memory, are all that are handed out and that nobody owns', async () => {
    const [, locked, leased, over] = await published(5)
    await inTx((tx) => leaseJobs(tx, [leased!.id], 30))
    await inTx((tx) => settleJobs(tx, [{ id: over!.id, state: 'done', code: null, delayMs: 0, attempts: 0 }]))
    await inTx(async (worker) => {
      await lockDeliveredJobs(worker, [locked!])
      expect(await requeueAllPublishedJobs(store.database)).toBe(2)
    })
    const states = (await readJobs(store.database)).map((row) => row.state)
    expect(states).toEqual(['pending', 'published', 'published', 'done', 'pending'])
  })
})

describe('the purge of the ledger', () => {
  it('deletes what was done long ago, dead ones after three times as long, and nothing that is open', async () => {
    await ended('done', 8)
    await ended('dead', 22)
    const kept = [await ended('done', 6), await ended('dead', 8)]
    const [open] = await enqueue(store.database, {})
    await age(store.database, 'jobs', open!, 100 * day)
    const [taken] = await published(1)
    await age(store.database, 'jobs', taken!.id, 100 * day)
    expect(await deleteOldJobs(store.database, 7, 100)).toBe(2)
    const left = (await readJobs(store.database)).map((row) => row.id)
    expect(left.sort()).toEqual([...kept, open, taken!.id].sort())
  })

  it('goes in chunks, the oldest first, and two at once do not wait for each other', async () => {
    await ended('done', 8)
    await ended('done', 9)
    const oldest = await ended('done', 10)
    expect(await deleteOldJobs(store.database, 7, 1)).toBe(1)
    expect((await readJobs(store.database)).map((row) => row.id)).not.toContain(oldest)
    await inTx(async (tx) => {
      expect(await deleteOldJobs(tx, 7, 1)).toBe(1)
      expect(await deleteOldJobs(store.database, 7, 10)).toBe(1)
    })
    expect(await readJobs(store.database)).toEqual([])
  })
})

describe('lag', () => {
  it('tells of each hearer what waits, what is handed out, what is dead, and how long the oldest has been due', async () => {
    expect(await measureLag(store.database)).toEqual([])
    const [dispatch, owned] = await published(2)
    await inTx((tx) => leaseJobs(tx, [owned!.id], 30))
    await ended('dead', 5)
    await ended('done', 5)
    await enqueue(store.database, {}, { delayMs: 60_000 }, { hearer: 'reset-mailer', delayMs: 60_000 })
    await age(store.database, 'jobs', dispatch!.id, 40)
    const lag = await measureLag(store.database)
    expect(lag.toSorted((a, b) => a.hearer.localeCompare(b.hearer))).toEqual([
      {
        hearer: 'notifier',
        pending: 2,
        due: 1,
        published: 2,
        running: 1,
        dead: 1,
        oldestSeconds: expect.closeTo(40, 0),
      },
      { hearer: 'reset-mailer', pending: 1, due: 0, published: 0, running: 0, dead: 0, oldestSeconds: 0 },
    ])
  })
})
