import { setTimeout as wait } from 'node:timers/promises'
import type { SweepName } from '@portcullis/contracts/sweep-name'
import type { Database } from '@portcullis/db/connect'
import { evictSessions } from '@portcullis/db/queries/session'
import { listSweeps } from '@portcullis/db/queries/sweep'
import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createSweeps } from '@portcullis/domain/sweep/catalogue'
import type { LagCode } from '@portcullis/domain/sweep/lag'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeSession } from '@portcullis/testkit/factory'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSweepRunner, type SweepRunnerDeps } from './run-sweep.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate sessions, sweeps, audit_events, webhook_endpoints, jobs cascade`
})

const sweeps = createSweeps(
  {
    credentialDays: 30,
    resetDays: 30,
    deliveryDays: 30,
    loginDays: 90,
    noticeDays: 90,
    signalDays: 90,
    rentalDays: 90,
    deviceDays: 180,
    operationDays: 365,
    ledgerDays: 7,
  },
  sessionLimits,
)

function sweepOf(name: SweepName) {
  const found = sweeps.find((one) => one.name === name)
  if (!found) throw new Error(`there is no sweep ${name}`)
  return found
}

function runnerOf(given: Partial<SweepRunnerDeps> = {}) {
  const log = createLogger({ service: 'test', level: 'silent' })
  return createSweepRunner({
    probe: async () => undefined,
    clock: systemClock,
    log,
    pauseMs: 1,
    pauseMsMost: 2,
    heldMsMost: 5,
    ...given,
  })
}

const stepOf =
  (database: Database) =>
  <T>(work: (tx: Tx) => Promise<T>) =>
    inTransaction(database, work)

const never = new AbortController().signal

/** Makes sessions of one account; all but the first `alive` were idle for too long, each for another time. */
async function makeSessions(count: number, alive = 0): Promise<void> {
  const account = await makeAccount(store.database)
  await store.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, last_seen_at, expires_at)
    select uuidv7(), ${account.id}, sha256(uuidv7()::text::bytea), 1,
      case when n <= ${alive} then now() else now() - interval '14 days' - n * interval '1 s' end, now() + interval '9 days'
    from generate_series(1, ${count}::int) as n`
}

async function countSessions(): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`select count(*)::int as count from sessions`
  return row?.count ?? -1
}

async function expired(): Promise<{ id: string; actor: string; account: string; details: unknown }[]> {
  return [
    ...(await store.database.sql<{ id: string; actor: string; account: string; details: unknown }[]>`
      select subject_id as id, actor, account_id as account, details from audit_events where action = 'session_expired'`),
  ]
}

async function progress() {
  const [row] = await listSweeps(store.database)
  if (!row) throw new Error('no sweep ran')
  const { rowsThisRun, rowsTotal, chunkRows, lastErrorCode, runEndedAt } = row
  return { rowsThisRun, rowsTotal, chunkRows, lastErrorCode, ended: runEndedAt !== null }
}

describe('a sweep of sessions', () => {
  it('takes away those that ran out, all of them and nothing else, with an audit event each', async () => {
    await makeSessions(1700, 20)
    expect(await runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(1680)
    expect(await countSessions()).toBe(20)
    const events = await expired()
    expect(new Set(events.map((event) => event.id)).size).toBe(1680)
    expect(events[0]).toMatchObject({ actor: 'system', account: expect.any(String), details: { because: 'idle' } })
    expect(await progress()).toMatchObject({ rowsThisRun: 1680, rowsTotal: 1680, lastErrorCode: null, ended: true })
  })

  it('begins its count anew with each run, and goes on with that of a run that was cut', async () => {
    await makeSessions(600)
    const run = runnerOf()
    await run(sweepOf('sessions.idle'), stepOf(store.database), never)
    await makeSessions(600)
    let chunks = 0
    const cut = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
      // One to begin, one chunk, and then the process is gone.
      if ((chunks += 1) > 2) return Promise.reject(new Error('gone'))
      return inTransaction(store.database, work)
    }
    await expect(run(sweepOf('sessions.idle'), cut, never)).rejects.toThrow('gone')
    const half = await progress()
    expect(half).toMatchObject({ ended: false, rowsTotal: 600 + half.rowsThisRun })
    expect(await countSessions()).toBe(600 - half.rowsThisRun)
    await run(sweepOf('sessions.idle'), stepOf(store.database), never)
    expect(await progress()).toMatchObject({ ended: true, rowsThisRun: 600, rowsTotal: 1200 })
    expect(await expired()).toHaveLength(1200)
  })

  it('of three sweepers at once is shared: every session goes once, is told once and counted once', async () => {
    await makeSessions(9000)
    const taken = await Promise.all(
      [1, 2, 3].map(() => runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)),
    )
    expect(taken.reduce((sum, rows) => sum + rows, 0)).toBe(9000)
    expect(await countSessions()).toBe(0)
    const events = await expired()
    expect([events.length, new Set(events.map((event) => event.id)).size]).toEqual([9000, 9000])
    expect(await progress()).toMatchObject({ rowsTotal: 9000 })
  })

  it('runs once at a time in one process', async () => {
    await makeSessions(600)
    const run = runnerOf()
    const both = [1, 2].map(() => run(sweepOf('sessions.idle'), stepOf(store.database), never))
    expect((await Promise.all(both)).toSorted((a, b) => a - b)).toEqual([0, 600])
  })

  it('waits for nobody: a session that another transaction holds stays for the next run', async () => {
    await makeSessions(30)
    await store.database.sql.begin(async (sql) => {
      await sql`select from sessions order by last_seen_at limit 3 for update`
      expect(await runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(27)
    })
    expect(await runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(3)
  })

  it('never holds up a login: while a chunk is open, its account is given a session and others give way', async () => {
    const account = await makeAccount(store.database)
    for (let n = 0; n < 3; n += 1) await makeSession(store.database, account.id)
    await store.database.sql`update sessions set last_seen_at = now() - interval '15 days'`
    await inTransaction(store.database, async (chunk) => {
      expect((await sweepOf('sessions.idle').take(chunk, 100, undefined)).rows).toBe(3)
      await inTransaction(store.database, async (login) => {
        // Whoever would have to wait for the chunk fails at once.
        await login.sql`set local lock_timeout = '100ms'`
        await login.sql`select from accounts where id = ${account.id} for no key update`
        await makeSession(login, account.id)
        await evictSessions(login, account.id, { ...sessionLimits, most: 1 })
      })
    })
    expect(await countSessions()).toBe(1)
  })

  it('owes each event to the endpoints that subscribed to it', async () => {
    const endpoint = (actions: string[]) =>
      inTransaction(store.database, (tx) =>
        insertWebhookEndpoint(tx, {
          id: newId('webhookEndpoint'),
          url: 'https://hooks.acme.example/',
          description: 'x',
          events: ['*'],
          actions,
          secretSealed: 's',
          createdBy: newId('account'),
        }),
      )
    await endpoint(['session_expired'])
    await endpoint(['account_locked'])
    await makeSessions(40)
    await runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)
    const [row] = await store.database.sql`
      select count(*)::int as owed from webhook_deliveries join audit_events as event on event.id = audit_event_id
      join jobs on payload->>'deliveryId' = webhook_deliveries.id::text and message = 'deliver.webhook'
      where event.action = 'session_expired'`
    expect(row?.['owed']).toBe(40)
  })
})

describe('while the store lags', () => {
  it('a sweep makes way, and goes on when that is over', async () => {
    await makeSessions(100)
    const codes: (LagCode | undefined)[] = ['store_slow', 'security_jobs_late', undefined]
    const probe = async () => codes.shift()
    expect(await runnerOf({ probe })(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(100)
    expect(codes).toEqual([])
  })

  it('for long, a sweep takes nothing, ends and says why; the next run goes on', async () => {
    await makeSessions(100)
    const probe = async () => 'security_jobs_late' as const
    expect(await runnerOf({ probe })(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(0)
    expect(await progress()).toMatchObject({ lastErrorCode: 'security_jobs_late', ended: true })
    expect(await runnerOf()(sweepOf('sessions.idle'), stepOf(store.database), never)).toBe(100)
    expect(await progress()).toMatchObject({ lastErrorCode: null })
  })

  it('a sweep that makes way ends at once when its worker drains', async () => {
    await makeSessions(10)
    const stopping = new AbortController()
    const reason = new Error('draining')
    const probe = async () => {
      setImmediate(() => stopping.abort(reason))
      return 'store_slow' as const
    }
    const run = runnerOf({ probe, pauseMs: 60_000, heldMsMost: 120_000 })
    const ended = run(sweepOf('sessions.idle'), stepOf(store.database), stopping.signal)
    await expect(Promise.race([ended, wait(5000)])).rejects.toBe(reason)
  })
})
