import { newId } from '@portcullis/runtime/id'
import type { Id } from '@portcullis/contracts/ids'
import { Failure } from '@portcullis/contracts/errors'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { insertAuditEvents } from '@portcullis/db/queries/audit-event'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { createLogger } from '@portcullis/runtime/log'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { makeHandlers, makeSweeperHandlers } from '@portcullis/testkit/handlers'
import { claimAll, enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import { type HandlersFor, oneByOne, type TransactionHandler } from './handler.ts'
import { done, failed, later, type Outcome, skip, stop } from './outcome.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs, audit_events`
})

const log = createLogger({ service: 'test', level: 'silent' })

function executorFor(given: Partial<HandlersFor<'notifier'>>, database: Database = store.database): Executor {
  return createExecutor({ service: 'notifier', database, handlers: makeHandlers(given), log })
}

/** A message that is tried three times. */
const tick = { message: 'purge.expired', hearer: 'sweeper', payload: {} } as const

function sweeperFor(given: Partial<HandlersFor<'sweeper'>>): Executor {
  return createExecutor({ service: 'sweeper', database: store.database, handlers: makeSweeperHandlers(given), log })
}

/** Hands out all that is due, `times` times each and all at once, and waits until it is over. */
async function deliver(executor: Executor, times = 1, again = false, hearer?: Service): Promise<void> {
  const claimed = await claimAll(store.database, hearer)
  const deliveries = claimed.flatMap((one) => Array.from({ length: times }, () => one))
  await Promise.all(deliveries.map((one) => executor.execute({ ...one, again })))
}

/** Makes everything that waits due now. */
const hurry = () => store.database.sql`update jobs set run_at = now() where state = 'pending'`

/** An effect in Postgres that a test can count. */
async function leaveMark(tx: Tx, subjectId: Id<'job'>): Promise<void> {
  const base = { accountId: null, actor: 'system', actorId: null, requestId: null, details: {} } as const
  await insertAuditEvents(tx, [
    { ...base, id: newId('auditEvent'), action: 'mail_sent', subjectKind: 'job', subjectId },
  ])
}

async function marks(): Promise<string[]> {
  const rows = await store.database.sql<{ id: string }[]>`select subject_id as id from audit_events order by 1`
  return rows.map((row) => row.id)
}

const marking: TransactionHandler<'send.notice'> = {
  kind: 'transaction',
  work: oneByOne(async (tx, job) => {
    await leaveMark(tx, job.id)
    return done
  }),
}

/** A handler that ends each job as its turn says. */
function ending(...outcomes: (Outcome | Error)[]): TransactionHandler<'send.notice'> {
  return {
    kind: 'transaction',
    work: oneByOne(async () => {
      const outcome = outcomes.shift() ?? done
      if (outcome instanceof Error) throw outcome
      return outcome
    }),
  }
}

describe('work that Postgres alone can do', () => {
  it('happens exactly once, though every job is delivered five times at once', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 60 }, () => ({})))
    const executor = executorFor({ 'send.notice': marking })
    await deliver(executor, 5)
    expect(await marks()).toEqual(ids)
    expect(new Set((await readJobs(store.database)).map((job) => job.state))).toEqual(new Set(['done']))
    expect(executor.underWay()).toBe(0)
  })

  it('happens exactly once, though several workers are given the same deliveries', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 30 }, () => ({})))
    const pools = [store.connect('one'), store.connect('two')]
    const claimed = await claimAll(store.database)
    const executors = pools.map((pool) => executorFor({ 'send.notice': marking }, pool))
    await Promise.all(claimed.flatMap((one) => executors.map((executor) => executor.execute({ ...one, again: false }))))
    await Promise.all(pools.map((pool) => pool.close()))
    expect(await marks()).toEqual(ids)
  })

  it('that throws fails alone: its neighbours in the batch are done, and what it wrote is undone', async () => {
    const ids = await enqueue(store.database, {}, {}, {}, {}, {})
    const bad = ids[2]!
    const work = oneByOne<'send.notice'>(async (tx, job) => {
      await leaveMark(tx, job.id)
      if (job.id === bad) throw new Error('poison')
      return done
    })
    await deliver(executorFor({ 'send.notice': { kind: 'transaction', work } }))
    expect(await marks()).toEqual(ids.filter((id) => id !== bad))
    const rows = await readJobs(store.database)
    expect(rows.map((row) => row.state)).toEqual(['done', 'done', 'pending', 'done', 'done'])
    expect(rows[2]).toMatchObject({ attempts: 1, code: 'unexpected_error' })
  })

  it('that breaks a constraint keeps the code of the database, and nothing of the row', async () => {
    const [id] = await enqueue(store.database, {})
    const work = oneByOne<'send.notice'>(async (tx, job) => {
      const twice = newId('auditEvent')
      const event = {
        accountId: null,
        actor: 'system',
        actorId: null,
        requestId: 'planted-secret',
        details: {},
      } as const
      const one = { ...event, id: twice, action: 'mail_sent', subjectKind: 'job', subjectId: job.id } as const
      await insertAuditEvents(tx, [one, one])
      return done
    })
    await deliver(executorFor({ 'send.notice': { kind: 'transaction', work } }))
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', attempts: 1, code: '23505' })
  })

  it('that answers for fewer jobs than it was given has failed for good on those', async () => {
    await enqueue(store.database, {}, {})
    const work: TransactionHandler<'send.notice'>['work'] = async () => [done]
    await deliver(executorFor({ 'send.notice': { kind: 'transaction', work } }))
    const rows = await readJobs(store.database)
    expect(rows.map((row) => [row.state, row.code])).toEqual([
      ['done', null],
      ['dead', 'no_outcome'],
    ])
  })

  it('that arrives together is done together: fifty jobs in few transactions', async () => {
    await enqueue(store.database, ...Array.from({ length: 50 }, () => ({})))
    let calls = 0
    const work: TransactionHandler<'send.notice'>['work'] = async (_tx, jobs) => {
      calls += 1
      return jobs.map(() => done)
    }
    await deliver(executorFor({ 'send.notice': { kind: 'transaction', work } }))
    expect((await readJobs(store.database)).every((row) => row.state === 'done')).toBe(true)
    expect(calls).toBeLessThanOrEqual(2)
  })

  it('is given its payload parsed, its age and its trace', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const noticeId = newId('notice')
    const [id] = await enqueue(store.database, { payload: { noticeId }, traceparent })
    const seen: unknown[] = []
    const work = oneByOne<'send.notice'>(async (_tx, job) => {
      seen.push(job)
      return done
    })
    await deliver(executorFor({ 'send.notice': { kind: 'transaction', work } }))
    expect(seen).toEqual([
      { id, message: 'send.notice', payload: { noticeId }, attempts: 0, createdAt: expect.any(Date), traceparent },
    ])
  })
})

describe('an outcome', () => {
  it('done and skip end the job, skip with its reason', async () => {
    await enqueue(store.database, {}, {})
    await deliver(executorFor({ 'send.notice': ending(done, skip('gone')) }))
    expect((await readJobs(store.database)).map((row) => [row.state, row.code, row.attempts])).toEqual([
      ['done', null, 0],
      ['done', 'gone', 0],
    ])
  })

  it('later puts the job off for exactly that long and counts no attempt', async () => {
    const [id] = await enqueue(store.database, {})
    await deliver(executorFor({ 'send.notice': ending(later(60_000, 'busy')) }))
    const row = await readJob(store.database, id!)
    expect(row).toMatchObject({ state: 'pending', code: 'busy', attempts: 0 })
    expect(row.dueSeconds).toBeGreaterThan(55)
    expect(row.dueSeconds).toBeLessThanOrEqual(60)
  })

  it('stop kills the job at once', async () => {
    const [id] = await enqueue(store.database, {})
    await deliver(executorFor({ 'send.notice': ending(stop('refused')) }))
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'dead', code: 'refused' })
  })

  it('failed counts an attempt and waits before the next, with its own code', async () => {
    const [id] = await enqueue(store.database, {})
    await deliver(executorFor({ 'send.notice': ending(failed('smtp_421')) }))
    const row = await readJob(store.database, id!)
    expect(row).toMatchObject({ state: 'pending', code: 'smtp_421', attempts: 1 })
    expect(row.dueSeconds).toBeGreaterThan(0.2)
    expect(row.dueSeconds).toBeLessThanOrEqual(1)
  })

  it('a refusal of the house counts as a failure, with its code', async () => {
    const [id] = await enqueue(store.database, {})
    await deliver(executorFor({ 'send.notice': ending(new Failure('rate_limited')) }))
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', code: 'rate_limited', attempts: 1 })
  })

  it('a job that fails each time is tried with growing waits, then is dead and is handed out no more', async () => {
    const [id] = await enqueue(store.database, tick)
    const failing = async () => [failed('broken')]
    const executor = sweeperFor({ 'purge.expired': { kind: 'transaction', work: failing } })
    const states: unknown[] = []
    for (let round = 0; round < 5; round += 1) {
      await deliver(executor, 1, false, 'sweeper')
      const { state, attempts } = await readJob(store.database, id!)
      states.push([state, attempts])
      await hurry()
    }
    expect(states).toEqual([
      ['pending', 1],
      ['pending', 2],
      ['dead', 3],
      ['dead', 3],
      ['dead', 3],
    ])
  })
})

describe('a job that nobody here can work on', () => {
  it.each([
    ['an unknown message', { message: 'from.tomorrow' }],
    ['an unknown version', { version: 99 }],
    ['a name that every object has', { message: 'constructor' }],
  ])('%s is put off for a newer release, and counts no attempt', async (_what, given) => {
    const [id] = await enqueue(store.database, given)
    await deliver(executorFor({ 'send.notice': marking }))
    const row = await readJob(store.database, id!)
    expect(row).toMatchObject({ state: 'pending', code: 'message_unknown', attempts: 0 })
    expect(row.dueSeconds).toBeGreaterThan(55)
    expect(await marks()).toEqual([])
  })

  it.each([[{}], [{ noticeId: 'no uuid' }], [{ noticeId: newId('notice'), more: 1 }]])(
    'with the payload %j is dead at once',
    async (payload) => {
      const [id] = await enqueue(store.database, { payload })
      await deliver(executorFor({ 'send.notice': marking }))
      expect(await readJob(store.database, id!)).toMatchObject({ state: 'dead', code: 'payload_invalid' })
      expect(await marks()).toEqual([])
    },
  )

  it('that has outlived its use is dead, and nothing is done', async () => {
    const given = { message: 'registration.requested', payload: { registrationId: newId('registration') } }
    const [old, young] = await enqueue(store.database, given, given)
    await age(store.database, 'jobs', old!, 24 * 3600 + 1)
    await age(store.database, 'jobs', young!, 24 * 3600 - 60)
    await deliver(executorFor({}))
    expect(await readJob(store.database, old!)).toMatchObject({ state: 'dead', code: 'expired' })
    expect(await readJob(store.database, young!)).toMatchObject({ state: 'done' })
  })
})

describe('a redelivery after its worker vanished', () => {
  it('counts as a failed attempt, and the work itself is not begun', async () => {
    const [id] = await enqueue(store.database, {})
    await deliver(executorFor({ 'send.notice': marking }), 1, true)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', code: 'worker_lost', attempts: 1 })
    expect(await marks()).toEqual([])
  })

  it('of a job that takes every worker with it ends in death', async () => {
    const [id] = await enqueue(store.database, tick)
    for (let round = 0; round < 3; round += 1) {
      await deliver(sweeperFor({}), 1, true, 'sweeper')
      await hurry()
    }
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'dead', code: 'worker_lost', attempts: 3 })
  })

  it('of a job that was done all the same is ignored', async () => {
    const [id] = await enqueue(store.database, {})
    const [dispatch] = await claimAll(store.database)
    const executor = executorFor({ 'send.notice': marking })
    await executor.execute({ ...dispatch!, again: false })
    await executor.execute({ ...dispatch!, again: true })
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', attempts: 0 })
  })
})

describe('a delivery of an older generation', () => {
  it('does nothing, also beside the newest in the same batch', async () => {
    const [id] = await enqueue(store.database, {})
    await claimAll(store.database)
    await store.database.sql`update jobs set state = 'pending'`
    await claimAll(store.database)
    const executor = executorFor({ 'send.notice': marking })
    await Promise.all([1, 2, 3].map((generation) => executor.execute({ id: id!, generation, again: false })))
    expect(await marks()).toEqual([id])
  })
})

describe('while the store is away', () => {
  it('deliveries wait for it and go on; none rejects, none is done twice, none is lost', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 40 }, () => ({})))
    const claimed = await claimAll(store.database)
    const pool = store.connect('broken')
    const executor = executorFor({ 'send.notice': marking }, pool)
    const blocked = async () => {
      const rows = await store.database.sql`
        select 1 from pg_locks join pg_stat_activity using (pid)
        where not granted and application_name = 'portcullis broken' and datname = current_database()`
      expect(rows).not.toHaveLength(0)
    }
    const all = await inTransaction(store.database, async (tx) => {
      await tx.sql`lock table jobs in access exclusive mode`
      const executions = claimed.map((one) => executor.execute({ ...one, again: false }))
      // Cut off in the middle of its statement, each time that it tries.
      for (let time = 0; time < 3; time += 1) {
        await vi.waitFor(blocked, { timeout: 10_000, interval: 10 })
        await store.database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'portcullis broken' and datname = current_database()`
      }
      return { executions }
    })
    expect(executor.underWay()).toBe(40)
    await Promise.all(all.executions)
    await pool.close()
    expect(await marks()).toEqual(ids)
    expect((await readJobs(store.database)).map((row) => [row.state, row.attempts])).toEqual(ids.map(() => ['done', 0]))
  })

  it('a draining worker does not wait: the job stays in the ledger as it is', async () => {
    const [id] = await enqueue(store.database, {})
    const [dispatch] = await claimAll(store.database)
    const away = store.connect('away')
    await away.close()
    const executor = executorFor({ 'send.notice': marking }, away)
    const waiting = executor.execute({ ...dispatch!, again: false })
    executor.abort()
    await waiting
    expect(executor.underWay()).toBe(0)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'published', attempts: 0 })
  })
})
