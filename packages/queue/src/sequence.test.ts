import type { Database } from '@portcullis/db/connect'
import { createLogger } from '@portcullis/runtime/log'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { makeSweeperHandlers } from '@portcullis/testkit/handlers'
import { claimAll, enqueue, readJob } from '@portcullis/testkit/ledger'
import { beforeEach, describe, expect, it } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import type { SequenceHandler } from './handler.ts'
import { done, later } from './outcome.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs, accounts cascade`
})

type Run = SequenceHandler<'purge.expired'>['run']
const log = createLogger({ service: 'test', level: 'silent' })
const tick = { message: 'purge.expired', hearer: 'sweeper', payload: {} } as const

function executorFor(run: Run, database: Database = store.database): Executor {
  const handler: SequenceHandler<'purge.expired'> = { kind: 'sequence', leaseSeconds: 30, run }
  const handlers = makeSweeperHandlers({ 'purge.expired': handler })
  return createExecutor({ service: 'sweeper', database, handlers, log })
}

async function deliver(executor: Executor): Promise<void> {
  const claimed = await claimAll(store.database, 'sweeper')
  await Promise.all(claimed.map((one) => executor.execute({ ...one, again: false })))
}

async function countAccounts(): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`select count(*)::int as count from accounts`
  return row!.count
}

describe('a sequence', () => {
  it('commits each step by itself, under a lease that each step extends', async () => {
    const [id] = await enqueue(store.database, tick)
    const seen: unknown[] = []
    const run: Run = async (_job, step) => {
      for (let time = 0; time < 3; time += 1) {
        await age(store.database, 'jobs', id!, 25)
        await step((tx) => makeAccount(tx))
        const row = await readJob(store.database, id!)
        seen.push([await countAccounts(), row.state, row.leased])
      }
      return done
    }
    await deliver(executorFor(run))
    expect(seen).toEqual([
      [1, 'published', true],
      [2, 'published', true],
      [3, 'published', true],
    ])
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', leased: false, epoch: 1 })
  })

  it('that throws half-way keeps the steps it made; the next run finds them and goes on', async () => {
    const [id] = await enqueue(store.database, tick)
    const begun: number[] = []
    const run: Run = async (_job, step) => {
      begun.push(await countAccounts())
      for (let made = await countAccounts(); made < 5; made += 1) {
        await step(async (tx) => {
          await makeAccount(tx)
          if (made === 2 && begun.length === 1) throw new Error('stumbled')
        })
      }
      return done
    }
    const executor = executorFor(run)
    await deliver(executor)
    expect(await readJob(store.database, id!)).toMatchObject({
      state: 'pending',
      attempts: 1,
      code: 'unexpected_error',
    })
    await store.database.sql`update jobs set run_at = now()`
    await deliver(executor)
    expect(begun).toEqual([0, 2])
    expect(await countAccounts()).toBe(5)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done', attempts: 2 })
  })

  it('that lost its lease writes nothing more: neither a step nor its end', async () => {
    const [id] = await enqueue(store.database, tick)
    const paused = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const stepped = Promise.withResolvers<unknown>()
    const older: Run = async (_job, step) => {
      await step((tx) => makeAccount(tx))
      paused.resolve()
      await goOn.promise
      await step((tx) => makeAccount(tx)).then(stepped.resolve, stepped.resolve)
      return done
    }
    const slow = deliver(executorFor(older))
    await paused.promise
    await age(store.database, 'jobs', id!, 60)
    await store.database.sql`update jobs set state = 'pending'`
    const taken = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const newer: Run = async () => {
      taken.resolve()
      await end.promise
      return later(60_000, 'not yet')
    }
    const quick = deliver(executorFor(newer))
    await taken.promise
    goOn.resolve()
    await slow
    expect(await stepped.promise).toMatchObject({ name: 'LeaseLost' })
    expect(await countAccounts()).toBe(1)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'published', epoch: 2, leased: true })
    end.resolve()
    await quick
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', code: 'not yet', epoch: 2 })
  })

  it('that is put off counts no attempt, however often', async () => {
    const [id] = await enqueue(store.database, tick)
    const executor = executorFor(async () => later(1000, 'busy'))
    for (let round = 0; round < 5; round += 1) {
      await deliver(executor)
      await store.database.sql`update jobs set run_at = now()`
    }
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', attempts: 0, code: 'busy' })
  })

  it('of a worker that stops ends at its next step, counts no attempt, and is due again at once', async () => {
    const [id] = await enqueue(store.database, tick)
    const run: Run = async (_job, step, signal) => {
      await step((tx) => makeAccount(tx))
      executor.abort()
      expect(signal.aborted).toBe(true)
      await step((tx) => makeAccount(tx))
      return done
    }
    const executor = executorFor(run)
    await deliver(executor)
    expect(await countAccounts()).toBe(1)
    const row = await readJob(store.database, id!)
    expect(row).toMatchObject({ state: 'pending', attempts: 0, code: 'worker_stopping', leased: false })
    expect(row.dueSeconds).toBeLessThanOrEqual(0)
  })

  it('whose step loses its connection fails, and is run again', async () => {
    const [id] = await enqueue(store.database, tick)
    const pool = store.connect('cut')
    let runs = 0
    const run: Run = async (_job, step) => {
      runs += 1
      await step(async (tx) => {
        await makeAccount(tx)
        if (runs > 1) return
        await store.database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'portcullis cut'`
        await tx.sql`select 1`
      })
      return done
    }
    const executor = executorFor(run, pool)
    await deliver(executor)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending', code: 'store_unavailable' })
    await store.database.sql`update jobs set run_at = now()`
    await deliver(executor)
    await pool.close()
    expect(await countAccounts()).toBe(1)
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'done' })
  })
})
