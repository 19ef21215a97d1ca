import { useDatabase } from '@portcullis/testkit/database'
import { age } from '@portcullis/testkit/age'
import { claimAll, enqueue, makeJob, readJob, readJobs } from '@portcullis/testkit/ledger'
import { beforeEach, describe, expect, it } from 'vitest'
import { inTransaction, type Tx } from '../transaction.ts'
import {
  claimDueJobs,
  extendLease,
  insertTicks,
  leaseJobs,
  listSlots,
  lockDeliveredJobs,
  lockOwnedJobs,
  type Settlement,
  settleJobs,
  takeBackJobs,
} from './job.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`delete from jobs`
})

const inTx = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)

/** Enqueues one job and hands it out. */
async function published() {
  const [id] = await enqueue(store.database, {})
  const [dispatch] = await claimAll(store.database)
  return { id: id!, dispatch: dispatch! }
}

const settlement = (given: Partial<Settlement> & Pick<Settlement, 'id'>): Settlement => ({
  state: 'done',
  code: null,
  delayMs: 0,
  attempts: 0,
  ...given,
})

describe('enqueued jobs', () => {
  it('are written as they were said, due at once or after their delay', async () => {
    const [one, two] = await enqueue(
      store.database,
      { payload: { noticeId: 'n', list: [1, { deep: null }] }, priority: 7 },
      { hearer: 'reset-mailer', message: 'reset.requested', delayMs: 60_000 },
    )
    expect(await readJob(store.database, one!)).toMatchObject({
      payload: { noticeId: 'n', list: [1, { deep: null }] },
      state: 'pending',
      generation: 0,
      epoch: 0,
      attempts: 0,
    })
    const delayed = await readJob(store.database, two!)
    expect(delayed.hearer).toBe('reset-mailer')
    expect(delayed.dueSeconds).toBeGreaterThan(55)
    expect(delayed.dueSeconds).toBeLessThanOrEqual(60)
  })
})

describe('handing out', () => {
  it('eight claimers at once never share a job, and leave none', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 400 }, () => ({})))
    const pools = [store.connect('a'), store.connect('b')]
    const claims = await Promise.all(
      Array.from({ length: 8 }, async (_, claimer) => {
        const got: string[] = []
        for (;;) {
          const some = await claimDueJobs(pools[claimer % 2]!, [{ hearer: 'notifier', most: 20 }])
          got.push(...some.map((one) => one.id))
          if (some.length === 0) return got
        }
      }),
    )
    await Promise.all(pools.map((pool) => pool.close()))
    const all = claims.flat()
    expect(new Set(all).size).toBe(all.length)
    expect(all.sort()).toEqual(ids)
  })

  it('goes by urgency, then by the moment they were due', async () => {
    const [late, early, urgent] = await enqueue(store.database, { priority: 10 }, { priority: 10 }, { priority: 0 })
    await store.database.sql`update jobs set run_at = run_at - interval '1 minute' where id = ${early!}`
    const order: string[] = []
    for (let time = 0; time < 3; time += 1) {
      const [one] = await claimDueJobs(store.database, [{ hearer: 'notifier', most: 1 }])
      order.push(one!.id)
    }
    expect(order).toEqual([urgent, early, late])
    await store.database.sql`update jobs set state = 'pending'`
    expect((await claimAll(store.database)).map((one) => one.id)).toEqual([urgent, early, late])
  })

  it('gives each hearer its own, and no more than it has room for', async () => {
    await enqueue(store.database, ...Array.from({ length: 5 }, () => ({})))
    await enqueue(store.database, ...Array.from({ length: 5 }, () => ({ hearer: 'reset-mailer' as const })))
    const claimed = await claimDueJobs(store.database, [
      { hearer: 'notifier', most: 2 },
      { hearer: 'reset-mailer', most: 3 },
    ])
    expect(claimed.map((one) => one.hearer).sort()).toEqual([
      ...Array.from({ length: 2 }, () => 'notifier'),
      ...Array.from({ length: 3 }, () => 'reset-mailer'),
    ])
    expect(await claimDueJobs(store.database, [{ hearer: 'notifier', most: 0 }])).toEqual([])
    expect(await claimDueJobs(store.database, [])).toEqual([])
  })

  it('gives nothing before it is due', async () => {
    const [id] = await enqueue(store.database, { delayMs: 60_000 })
    expect(await claimAll(store.database)).toEqual([])
    await age(store.database, 'jobs', id!, 61)
    expect(await claimAll(store.database)).toMatchObject([{ id, generation: 1 }])
  })

  it('raises the generation each time, so that an older delivery can be told', async () => {
    const { id, dispatch } = await published()
    expect(dispatch).toEqual({ id, generation: 1, hearer: 'notifier', message: 'send.notice' })
    expect(await claimAll(store.database)).toEqual([])
    await takeBackJobs(store.database, [dispatch])
    expect((await claimAll(store.database))[0]).toEqual({ ...dispatch, generation: 2 })
  })

  it('a claim that is rolled back leaves the job to others', async () => {
    const [id] = await enqueue(store.database, {})
    const claim = inTx(async (tx) => {
      await claimAll(tx)
      throw new Error('no')
    })
    await expect(claim).rejects.toThrow('no')
    expect(await claimAll(store.database)).toMatchObject([{ id, generation: 1 }])
  })
})

describe('taking back', () => {
  it('leaves alone what was handed out again since, was taken up, or is over', async () => {
    const { id, dispatch } = await published()
    await takeBackJobs(store.database, [{ ...dispatch, generation: 0 }])
    expect(await readJob(store.database, id)).toMatchObject({ state: 'published' })
    await inTx((tx) => leaseJobs(tx, [id], 30))
    await takeBackJobs(store.database, [dispatch])
    expect(await readJob(store.database, id)).toMatchObject({ state: 'published', leased: true })
    await inTx((tx) => settleJobs(tx, [settlement({ id })]))
    await takeBackJobs(store.database, [dispatch])
    expect(await readJob(store.database, id)).toMatchObject({ state: 'done' })
  })
})

describe('a delivery', () => {
  const lock = (deliveries: Parameters<typeof lockDeliveredJobs>[1]) => inTx((tx) => lockDeliveredJobs(tx, deliveries))

  it('locks its row and reads the job', async () => {
    const { id, dispatch } = await published()
    const [row] = await lock([dispatch])
    expect(row).toMatchObject({ id, message: 'send.notice', version: 1, attempts: 0, generation: 1, epoch: 0 })
    expect(row?.createdAt).toBeInstanceOf(Date)
    expect(row?.ageSeconds).toBeGreaterThanOrEqual(0)
  })

  it('that came twice in one batch is one job', async () => {
    const { dispatch } = await published()
    expect(await lock([dispatch, { ...dispatch }])).toHaveLength(1)
  })

  it('of an older or a newer generation is ignored', async () => {
    const { dispatch } = await published()
    expect(await lock([{ ...dispatch, generation: 0 }])).toEqual([])
    expect(await lock([{ ...dispatch, generation: 2 }])).toEqual([])
  })

  it('of a job that is done, dead, pending again or unknown is ignored', async () => {
    for (const state of ['done', 'dead', 'pending'] as const) {
      const { id, dispatch } = await published()
      await inTx((tx) => settleJobs(tx, [settlement({ id, state })]))
      expect(await lock([dispatch]), state).toEqual([])
      await store.database.sql`delete from jobs`
    }
    expect(await lock([{ id: makeJob().id, generation: 1 }])).toEqual([])
  })

  it('of a job that some execution owns is ignored, until that lease is over', async () => {
    const { id, dispatch } = await published()
    await inTx((tx) => leaseJobs(tx, [id], 30))
    expect(await lock([dispatch])).toEqual([])
    await age(store.database, 'jobs', id, 31)
    expect(await lock([dispatch])).toMatchObject([{ id, attempts: 1, epoch: 1 }])
  })

  it('of a row that another transaction holds is ignored at once, without waiting', async () => {
    const { dispatch } = await published()
    await inTx(async (holder) => {
      expect(await lockDeliveredJobs(holder, [dispatch])).toHaveLength(1)
      expect(await lock([dispatch])).toEqual([])
    })
    expect(await lock([dispatch])).toHaveLength(1)
  })
})

describe('an execution with effects', () => {
  it('counts itself when it begins, so that a crash counts too', async () => {
    const { id } = await published()
    expect(await inTx((tx) => leaseJobs(tx, [id], 30))).toEqual(new Map([[id, 1]]))
    expect(await readJob(store.database, id)).toMatchObject({ epoch: 1, attempts: 1, leased: true })
  })

  it('that a newer one has replaced can write nothing more', async () => {
    const { id } = await published()
    await inTx((tx) => leaseJobs(tx, [id], 30))
    await inTx((tx) => leaseJobs(tx, [id], 30))
    const older = { id, epoch: 1 }
    const newer = { id, epoch: 2 }
    expect(await inTx((tx) => lockOwnedJobs(tx, [older]))).toEqual(new Set())
    expect(await inTx((tx) => extendLease(tx, older, 30))).toBe(false)
    expect(await inTx((tx) => lockOwnedJobs(tx, [older, newer]))).toEqual(new Set([id]))
    expect(await inTx((tx) => extendLease(tx, newer, 30))).toBe(true)
  })

  it('whose job is over, or pending again, can write nothing more', async () => {
    for (const state of ['done', 'dead', 'pending'] as const) {
      const { id } = await published()
      await inTx((tx) => leaseJobs(tx, [id], 30))
      await inTx((tx) => settleJobs(tx, [settlement({ id, state })]))
      expect(await inTx((tx) => lockOwnedJobs(tx, [{ id, epoch: 1 }])), state).toEqual(new Set())
      expect(await inTx((tx) => extendLease(tx, { id, epoch: 1 }, 30)), state).toBe(false)
      await store.database.sql`delete from jobs`
    }
  })

  it('extends its lease from now on', async () => {
    const { id } = await published()
    await inTx((tx) => leaseJobs(tx, [id], 30))
    await age(store.database, 'jobs', id, 31)
    expect(await readJob(store.database, id)).toMatchObject({ leased: false })
    expect(await inTx((tx) => extendLease(tx, { id, epoch: 1 }, 30))).toBe(true)
    expect(await readJob(store.database, id)).toMatchObject({ leased: true, attempts: 1 })
  })
})

describe('settling', () => {
  it('writes each end: done with and without a word, due again, dead; and gives up every lease', async () => {
    const ids = await enqueue(store.database, {}, {}, {}, {}, {})
    await claimAll(store.database)
    await inTx(async (tx) => {
      await leaseJobs(tx, ids, 30)
      await settleJobs(tx, [
        settlement({ id: ids[0]! }),
        settlement({ id: ids[1]!, code: 'gone' }),
        settlement({ id: ids[2]!, state: 'pending', code: 'busy', delayMs: 90_000 }),
        settlement({ id: ids[3]!, state: 'dead', code: 'payload_invalid', attempts: 1 }),
      ])
    })
    const rows = await readJobs(store.database)
    expect(rows.map(({ state, code, attempts, leased }) => [state, code, attempts, leased])).toEqual([
      ['done', null, 1, false],
      ['done', 'gone', 1, false],
      ['pending', 'busy', 1, false],
      ['dead', 'payload_invalid', 2, false],
      ['published', null, 1, true],
    ])
    expect(rows[2]?.dueSeconds).toBeGreaterThan(85)
    const [ended] = await store.database.sql`
      select count(*) filter (where done_at is not null)::int as ended, count(*) filter (where state in ('done', 'dead'))::int as over
      from jobs`
    expect(ended).toEqual({ ended: 3, over: 3 })
  })
})

describe('ticks', () => {
  const tick = (slot: string) => ({ ...makeJob(), slot })

  it('many relays make one per slot', async () => {
    const slots = ['purge.expired@notifier@1', 'purge.expired@reset-mailer@1']
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        insertTicks(
          store.database,
          slots.map((slot) => tick(slot)),
        ),
      ),
    )
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(await readJobs(store.database)).toHaveLength(2)
    expect(await insertTicks(store.database, [tick(slots[0]!), tick('purge.expired@notifier@2')])).toBe(1)
  })

  it('are numbered by the clock of the store', async () => {
    const [before] = await store.database.sql<{ now: Date }[]>`select now()`
    const [minute, five] = await listSlots(store.database, [60, 300])
    const [after] = await store.database.sql<{ now: Date }[]>`select now()`
    expect(minute).toBeGreaterThanOrEqual(Math.floor(before!.now.getTime() / 60_000))
    expect(minute).toBeLessThanOrEqual(Math.floor(after!.now.getTime() / 60_000))
    expect(five).toBe(Math.floor(minute! / 5))
  })
})
