import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { migrateDatabase } from '@portcullis/db/migrate'
import { listSweeps } from '@portcullis/db/queries/sweep'
import { inTransaction } from '@portcullis/db/transaction'
import { enqueue } from '@portcullis/domain/job/enqueue'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { freePort } from '@portcullis/local/free-port'
import { startPostgres } from '@portcullis/local/postgres'
import { superviseService, type SupervisedService } from '@portcullis/local/supervise'
import { createTestDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, describe, expect, it } from 'vitest'
import { openHouse, until } from '../house.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'portcullis-sweeper-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const password = 'Correct-Horse-7-Battery'
const sweepMs = 90_000

/** Sessions of ten accounts: `idle` that ran out, `alive` that did not. In parts, none of which a slow machine is long at. */
async function fill({ sql }: Database, idle: number, alive: number): Promise<void> {
  const part = 10_000
  for (let from = 1; from <= idle + alive; from += part) {
    const to = Math.min(from + part - 1, idle + alive)
    await sql`
      with owner as (
        insert into accounts (id, email, email_key, name, password_changed_at)
        select uuidv7(), n || '@idle.example', n || '@idle.example', 'Ada Owner', now() from generate_series(0, 9) as n
        on conflict (email_key) do update set name = excluded.name
        returning id, name
      ), numbered as (select id, row_number() over () - 1 as place from owner)
      insert into sessions (id, account_id, token_hash, epoch, last_seen_at, expires_at)
      select uuidv7(), id, sha256(uuidv7()::text::bytea), 1,
        case when n <= ${alive} then now() else now() - interval '15 days' - n * interval '1 ms' end, now() + interval '9 days'
      from generate_series(${from}::int, ${to}::int) as n join numbered on place = n % 10`
  }
}

/** Says that sessions are to be swept, as the next tick would. */
async function tick(database: Database): Promise<void> {
  await inTransaction(database, async (tx) => {
    await enqueue(tx, 'sweep.sessions', { sweep: 'sessions.idle' }, undefined)
    tx.wakeAfterCommit()
  })
}

async function swept(database: Database): Promise<number> {
  const [row] = await listSweeps(database)
  return row?.rowsTotal ?? 0
}

async function countIdle({ sql }: Database): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from sessions where last_seen_at < now() - interval '14 days'`
  return row?.count ?? -1
}

/** Exactly: each session that ran out is gone, told once and counted once, and no other. */
async function expectExact(database: Database, idle: number, alive: number): Promise<void> {
  const [events] = await database.sql`
    select count(*)::int as told, count(distinct subject_id)::int as once from audit_events
    where action = 'session_expired'`
  const [sessions] = await database.sql`select count(*)::int as left from sessions`
  expect({ ...events, ...sessions, counted: await swept(database) }).toEqual({
    told: idle,
    once: idle,
    left: alive,
    counted: idle,
  })
}

/** A sweeper as a process, started again when it dies. */
interface Sweeper {
  readonly service: SupervisedService
  readonly ready: () => Promise<boolean>
  readonly log: () => string
}

async function startSweeper(name: string, databaseUrl: string): Promise<Sweeper> {
  const port = await freePort()
  const logFile = join(folder, `${name}.log`)
  const service = superviseService({
    name: 'sweeper',
    root,
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      MASTER_KEY: randomBytes(32).toString('base64url'),
      // On a loaded machine a round trip may take long, and that is not what is tested.
      SWEEP_ROUND_TRIP_MS: '10000',
      LOG_LEVEL: 'info',
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: String(port),
    },
    logFile,
    from: 'dist',
    restart: true,
  })
  return {
    service,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200,
    log: () => readFileSync(logFile, 'utf8'),
  }
}

describe('a sweep', () => {
  it('that is killed again and again goes on where it was, to the exact end', async () => {
    const store = await createTestDatabase()
    const { database } = store
    const [idle, alive, kills] = [60_000, 500, 5] as const
    await fill(database, idle, alive)
    const { service } = await startSweeper('killed', store.url)
    try {
      const left: number[] = []
      for (let kill = 0; kill < kills; kill += 1) {
        const before = await swept(database)
        await tick(database)
        await until('it takes some', async () => (await swept(database)) > before, sweepMs)
        await until('it is killed', async () => service.kill('SIGKILL'))
        left.push(await countIdle(database))
      }
      // Each kill was in the middle.
      expect(Math.min(...left)).toBeGreaterThan(0)
      await tick(database)
      await until('all is swept', async () => (await countIdle(database)) === 0, sweepMs)
      await expectExact(database, idle, alive)
    } finally {
      await service.stop()
      await store.drop()
    }
  }, 240_000)

  it('is shared by three sweepers, and each row goes once', async () => {
    const store = await createTestDatabase()
    const { database } = store
    const [portion, alive] = [60_000, 500] as const
    const sweepers = await Promise.all(['one', 'two', 'three'].map((name) => startSweeper(name, store.url)))
    try {
      await Promise.all(sweepers.map(({ ready }) => until('it is ready', ready, sweepMs)))
      // Whoever is at it already has nothing to add, so in the end each has taken a tick.
      const ticked = async () => {
        await tick(database)
        return (await countIdle(database)) === 0
      }
      const overs = async () =>
        (await database.sql`select from jobs where state in ('pending', 'published')`).length === 0
      let shares: number[] = []
      let idle = 0
      // One that is fast may be through before another has begun: then there is more.
      while (shares.filter((rows) => rows > 0).length < 2 && idle < 10 * portion) {
        await fill(database, portion, idle === 0 ? alive : 0)
        idle += portion
        await until('all is swept', ticked, sweepMs)
        await until('the ledger is worked off', overs, sweepMs)
        shares = sweepers.map(({ log }) => rowsTold(log()))
      }
      await expectExact(database, idle, alive)
      expect(shares.reduce((sum, rows) => sum + rows, 0)).toBe(idle)
      expect(shares.filter((rows) => rows > 0).length).toBeGreaterThan(1)
    } finally {
      await Promise.all(sweepers.map(({ service }) => service.stop()))
      await store.drop()
    }
  }, 240_000)

  it.each(['fast', 'immediate'] as const)(
    'during which Postgres is restarted (%s) goes on when it is back',
    async (mode) => {
      const postgres = await startPostgres({
        dataDir: join(folder, mode),
        logFile: join(folder, `${mode}.postgres.log`),
        durable: true,
      })
      await migrateDatabase({ reveal: () => postgres.url })
      const database = connectDatabase({ url: postgres.url, name: 'test', poolSize: 2 })
      const [idle, alive] = [30_000, 100] as const
      await fill(database, idle, alive)
      const { service, log } = await startSweeper(mode, postgres.url)
      try {
        await tick(database)
        await until('it takes some', async () => (await swept(database)) > 0, sweepMs)
        await postgres.restart(mode)
        expect(
          await until('the store is back', async () => countIdle(database).catch(() => undefined)),
        ).toBeGreaterThan(0)
        await tick(database)
        await until('all is swept', async () => (await countIdle(database)) === 0, sweepMs)
        await expectExact(database, idle, alive)
        expect(log()).not.toContain('uncaught')
      } finally {
        await service.stop()
        await database.close()
        await postgres.stop()
      }
    },
    240_000,
  )
})

/** The rows of its runs, as a sweeper told them. */
function rowsTold(log: string): number {
  const lines = log.split('\n').filter((line) => line.includes('"msg":"swept"'))
  return lines.reduce((sum, line) => sum + Number((JSON.parse(line) as { rows: number }).rows), 0)
}

it('logins go on during a full sweep: none fails, and none ever waits for a lock', async () => {
  const house = await openHouse({
    redisUrl: undefined,
    services: ['gateway', 'sweeper'],
    env: { SWEEP_ROUND_TRIP_MS: '10000' },
  })
  const { database } = house
  const hasher = createPasswordHasher({ memoryKib: 19_456, passes: 2, atOnceMost: 1, queueMost: 1 })
  const idle = 60_000
  await fill(database, idle, 0)
  const owner = await makeAccount(database, { passwordHash: await hasher.hash(password) })
  // All that leaves is of one who logs in meanwhile.
  await database.sql`update sessions set account_id = ${owner.id}`
  try {
    await tick(database)
    await until('it takes some', async () => (await swept(database)) > 0, sweepMs)
    const waits: unknown[] = []
    let logins = 0
    while ((await countIdle(database)) > 0) {
      const answer = house.post('/v1/sessions', { email: owner.email, password })
      let over = false
      const answered = answer.finally(() => (over = true))
      while (!over) {
        waits.push(
          ...(await database.sql`
            select query from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
        )
      }
      expect((await answered).status).toBe(201)
      logins += 1
    }
    expect(logins).toBeGreaterThan(0)
    expect(waits).toEqual([])
    const [row] = await database.sql`select count(*)::int as alive from sessions`
    expect(row?.['alive']).toBe(Math.min(logins, 50))
  } finally {
    await house.close()
  }
}, 240_000)
