import type { Database } from '@portcullis/db/connect'
import { leaseJobs } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import { createLogger } from '@portcullis/runtime/log'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { claimAll, enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { beforeEach, describe, expect, it } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import { effect, type EffectHandler, planned } from './handler.ts'
import { done, failed, later, type Outcome, skip, stop } from './outcome.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs, mail_deliveries`
})

type Mail = EffectHandler<'send.notice', string, string>
const log = createLogger({ service: 'test', level: 'silent' })

function executorFor(handler: Mail, database: Database = store.database): Executor {
  return createExecutor({ service: 'notifier', database, handlers: makeHandlers({ 'send.notice': handler }), log })
}

async function deliver(executor: Executor, times = 1): Promise<void> {
  const claimed = await claimAll(store.database)
  const deliveries = claimed.flatMap((one) => Array.from({ length: times }, () => one))
  await Promise.all(deliveries.map((one) => executor.execute({ ...one, again: false })))
}

/** A sender whose post box a test can look into. Its plan is the id of the job, as a Message-ID would be. */
function sender(given: Partial<Omit<Mail, 'kind'>> = {}) {
  const acts: string[] = []
  const records: (readonly { plan: string; receipt: string }[])[] = []
  const handler: Mail = effect({
    actSeconds: 30,
    claim: async (_tx, jobs) => jobs.map((job) => planned(job.id)),
    async act(plan) {
      acts.push(plan)
      return `taken ${plan}`
    },
    async record(_tx, acted) {
      records.push(acted.map(({ plan, receipt }) => ({ plan, receipt })))
      return acted.map(() => done)
    },
    ...given,
  })
  return { handler, acts, records }
}

describe('an effect', () => {
  it('goes in three beats: claimed and leased, acted outside any transaction, recorded with its receipt', async () => {
    const [id] = await enqueue(store.database, {})
    const during: unknown[] = []
    const { handler, records } = sender({
      async act(plan) {
        const row = await readJob(store.database, id!)
        during.push([row.state, row.leased, row.epoch, row.attempts])
        const [held] = await store.database.sql`
          select count(*)::int as count from jobs where id = ${id!} and id not in (
            select id from jobs where id = ${id!} for update skip locked)`
        during.push(held?.['count'])
        return `taken ${plan}`
      },
    })
    await deliver(executorFor(handler))
    expect(during).toEqual([['published', true, 1, 1], 0])
    expect(records).toEqual([[{ plan: id, receipt: `taken ${id}` }]])
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', leased: false, attempts: 1 })
  })

  it('happens once, though its delivery comes five times at once', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 30 }, () => ({})))
    const { handler, acts } = sender()
    await deliver(executorFor(handler), 5)
    expect(acts.sort()).toEqual(ids)
    expect((await readJobs(store.database)).every((row) => row.state === 'done')).toBe(true)
  })

  it('whose claim has an outcome is not acted: done, skipped, put off without counting, or dead', async () => {
    await enqueue(store.database, {}, {}, {}, {}, {})
    const outcomes: (Outcome | undefined)[] = [done, skip('gone'), later(60_000, 'busy'), stop('refused'), undefined]
    const { handler, acts } = sender({
      claim: async (_tx, jobs) => jobs.map((job, place) => outcomes[place] ?? planned(job.id)),
    })
    await deliver(executorFor(handler))
    const rows = await readJobs(store.database)
    expect(rows.map((row) => [row.state, row.code, row.attempts])).toEqual([
      ['done', null, 0],
      ['done', 'gone', 0],
      ['pending', 'busy', 0],
      ['dead', 'refused', 0],
      ['done', null, 1],
    ])
    expect(acts).toEqual([rows[4]?.id])
  })

  it('whose claim throws fails alone, and counts one attempt', async () => {
    const [good, bad] = await enqueue(store.database, {}, {})
    const { handler, acts } = sender({
      async claim(_tx, jobs) {
        if (jobs.some((job) => job.id === bad)) throw new Error('cannot plan')
        return jobs.map((job) => planned(job.id))
      },
    })
    await deliver(executorFor(handler))
    expect(acts).toEqual([good])
    expect(await readJob(store.database, bad!)).toMatchObject({ state: 'pending', attempts: 1, epoch: 0 })
  })

  it('that throws is tried again later, and its neighbours are recorded', async () => {
    const [good, bad] = await enqueue(store.database, {}, {})
    const { handler, records } = sender({
      async act(plan) {
        if (plan === bad) throw Object.assign(new Error('to secret@example.com'), { code: 'ECONNRESET' })
        return plan
      },
    })
    await deliver(executorFor(handler))
    expect(records.flat().map((one) => one.plan)).toEqual([good])
    expect(await readJob(store.database, good!)).toMatchObject({ state: 'done' })
    const row = await readJob(store.database, bad!)
    expect(row).toMatchObject({ state: 'pending', attempts: 1, code: 'econnreset', leased: false })
    expect(row.dueSeconds).toBeGreaterThan(0)
  })

  it('whose record says failed, stop or later ends so; a later counts no attempt', async () => {
    await enqueue(store.database, {}, {}, {})
    const outcomes: Outcome[] = [failed('smtp_421'), stop('smtp_550'), later(60_000, 'busy')]
    const { handler } = sender({ record: async (_tx, acted) => acted.map((_, place) => outcomes[place]!) })
    const executor = executorFor(handler)
    await deliver(executor)
    expect((await readJobs(store.database)).map((row) => [row.state, row.code, row.attempts])).toEqual([
      ['pending', 'smtp_421', 1],
      ['dead', 'smtp_550', 1],
      ['pending', 'busy', 0],
    ])
  })

  it('that fails each time is dead after as many attempts as its message allows', async () => {
    const [id] = await enqueue(store.database, {})
    const { handler } = sender({ record: async (_tx, acted) => acted.map(() => failed('smtp_421')) })
    const executor = executorFor(handler)
    for (let round = 0; round < 20; round += 1) {
      await deliver(executor)
      expect((await readJob(store.database, id!)).attempts).toBe(round + 1)
      await store.database.sql`update jobs set run_at = now()`
    }
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'dead', code: 'smtp_421' })
  })

  it('that takes too long is told to stop at its deadline, and counts as failed', async () => {
    const [id] = await enqueue(store.database, {})
    const told = Promise.withResolvers<unknown>()
    const { handler } = sender({
      actSeconds: 0.05,
      act: (_plan, signal) => {
        signal.addEventListener('abort', () => told.resolve(signal.reason))
        return new Promise(() => {})
      },
    })
    await deliver(executorFor(handler))
    expect(await told.promise).toMatchObject({ name: 'DeadlineExceeded' })
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', attempts: 1, leased: false })
  })
})

describe('a crash between the act and its record', () => {
  it('repeats the act with the same plan once the lease is over: at least once, under one name', async () => {
    const [id] = await enqueue(store.database, {})
    const crashed = store.connect('crashed')
    const { handler, acts, records } = sender({
      async act(plan) {
        acts.push(plan)
        // The process is gone: it never writes again.
        if (acts.length === 1) {
          await crashed.close(0)
          dying.abort()
        }
        return plan
      },
    })
    const dying = executorFor(handler, crashed)
    await deliver(dying)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'published', epoch: 1, leased: true })
    expect(records).toEqual([])

    // Nobody takes it while the lease lasts; then the ledger hands it out again.
    await store.database.sql`update jobs set state = 'pending'`
    await age(store.database, 'jobs', id!, 41)
    await deliver(executorFor(handler))
    expect(acts).toEqual([id, id])
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', epoch: 2, attempts: 2 })
  })

  it('that only lost the connection records after all, and does not repeat the act', async () => {
    const ids = await enqueue(store.database, {}, {}, {})
    const pool = store.connect('cut')
    const { handler, acts } = sender({
      async act(plan) {
        acts.push(plan)
        await store.database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'portcullis cut'`
        return plan
      },
    })
    await deliver(executorFor(handler, pool))
    await pool.close()
    expect(acts.sort()).toEqual(ids)
    expect((await readJobs(store.database)).map((row) => row.state)).toEqual(['done', 'done', 'done'])
  })
})

describe('a redelivery after its worker vanished', () => {
  it('counts an attempt where the lost execution had not begun, and none twice where it had', async () => {
    const [early, late] = await enqueue(store.database, {}, {})
    const claimed = await claimAll(store.database)
    await inTransaction(store.database, (tx) => leaseJobs(tx, [late!], 30))
    await age(store.database, 'jobs', late!, 31)
    const { handler, acts } = sender()
    const executor = executorFor(handler)
    await Promise.all(claimed.map((one) => executor.execute({ ...one, again: true })))
    expect(acts).toEqual([])
    for (const id of [early!, late!]) {
      expect(await readJob(store.database, id)).toMatchObject({ state: 'pending', code: 'worker_lost', attempts: 1 })
    }
  })
})

describe('an execution whose lease was taken over', () => {
  it.each(['a success', 'a failure'])(
    'records nothing: %s of the older one does not count, while the newer is at it',
    async (end) => {
      const [id] = await enqueue(store.database, {})
      const older = gated(end)
      const newer = gated('a success')
      const slow = deliver(executorFor(older.handler))
      await older.acting
      // Its lease ran out, and the relay handed the job out again.
      await age(store.database, 'jobs', id!, 60)
      await store.database.sql`update jobs set state = 'pending'`
      const quick = deliver(executorFor(newer.handler))
      await newer.acting
      older.go()
      await slow
      expect(older.records).toEqual([])
      expect(await readJob(store.database, id!)).toMatchObject({
        state: 'published',
        epoch: 2,
        leased: true,
        code: null,
      })
      newer.go()
      await quick
      expect(newer.records).toHaveLength(1)
      expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', epoch: 2, attempts: 2 })
    },
  )
})

/** A sender whose act stands at a gate, and then ends as told. */
function gated(end: string) {
  const acting = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const made = sender({
    async act(plan) {
      acting.resolve()
      await go.promise
      if (end === 'a failure') throw new Error('late')
      return plan
    },
  })
  return { ...made, acting: acting.promise, go: go.resolve }
}
