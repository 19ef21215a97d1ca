/**
 * Scenarios for `driver.test.ts`, each run as a process of its own, because the driver as published ends its process.
 * `node driver-scenario.ts NAME`; `DATABASE_URL` says where; `POSTGRES_DRIVER` names another build of the driver, to see
 * which of the tests notice that it is not mended. Its parent is told the counts, and is asked to restart the server.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setInterval as every } from 'node:timers/promises'
import { withDeadline } from '@portcullis/runtime/deadline'
import type postgres from 'postgres'

/** What a scenario counted. */
type Counts = Readonly<Record<string, number>>
type Sql = postgres.Sql

const databaseUrl = String(process.env['DATABASE_URL'])
const driver: { default: typeof postgres } = await import(process.env['POSTGRES_DRIVER'] ?? 'postgres')
const application = 'driver scenario'
/** Longest time that anything may stay unsettled. */
const settleMs = 10_000

function open(options: postgres.Options<Record<string, never>> = {}, url = databaseUrl): Sql {
  return driver.default(url, {
    max: 8,
    onnotice: () => {},
    backoff: (retries) => Math.min(0.02 * 2 ** retries, 0.5),
    connection: { application_name: application },
    ...options,
  })
}

const admin = open({ max: 1, connection: { application_name: 'admin' } })

async function terminate(pid?: number): Promise<number> {
  const rows = await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${application} and (${pid ?? null}::int is null or pid = ${pid ?? null})`
  return rows.length
}

async function pidOf(sql: postgres.ISql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  return Number(row?.pid)
}

/** Transactions without a pause, from 8 callers, until `over`; then 20 more, which must all do. */
async function work(sql: Sql, over: AbortSignal): Promise<Counts> {
  const committed: number[] = []
  let begun = 0
  let failed = 0
  const one = async (): Promise<void> => {
    const id = (begun += 1)
    await sql.begin(async (tx) => {
      await tx`insert into written values (${id})`
      await Promise.all([tx`select pg_sleep(0.002)`, tx`select 1`, tx`select 2`])
    })
    committed.push(id)
  }
  const caller = async (): Promise<void> => {
    while (!over.aborted) await one().catch(() => (failed += 1))
  }
  await withDeadline(settleMs + 10_000, 'all callers', async () => Promise.all(Array.from({ length: 8 }, caller)))
  const failedUnderFire = failed
  for (let left = 20; left > 0; left -= 1) await withDeadline(settleMs, 'a transaction after', one)
  const rows = await admin<{ id: number }[]>`select id from written`
  const there = new Set(rows.map((row) => row.id))
  const lost = committed.filter((id) => !there.has(id)).length
  return { committed: committed.length, failed: failedUnderFire, lost }
}

async function makeTable(): Promise<void> {
  await admin`create table if not exists written (id int primary key)`
  await admin`truncate written`
}

async function terminateUnderTransactions(): Promise<Counts> {
  await makeTable()
  const sql = open()
  const over = new AbortController()
  const counted = work(sql, over.signal)
  let terminated = 0
  for await (const _ of every(200)) {
    terminated += await terminate()
    if (terminated > 80) break
  }
  over.abort()
  const counts = await counted
  await sql.end({ timeout: 2 })
  return { ...counts, terminated }
}

async function restartUnderLoad(): Promise<Counts> {
  await makeTable()
  const sql = open()
  const over = new AbortController()
  const counted = work(sql, over.signal)
  for (let restarts = 0; restarts < 2; restarts += 1) {
    for (let left = 10; left > 0; left -= 1) {
      await withDeadline(settleMs, 'load before the restart', () => sql.begin((tx) => tx`select pg_sleep(0.01)`))
    }
    process.send?.('restart')
    await once(process, 'message')
  }
  over.abort()
  const counts = await counted
  await sql.end({ timeout: 2 })
  return counts
}

async function reserveTerminated(): Promise<Counts> {
  let closed = Promise.withResolvers<void>()
  const sql = open({ max: 3, onclose: () => closed.resolve() })
  const counts = { rounds: 0, rejected: 0, after: 0, distinct: 0 }
  for (; counts.rounds < 10; counts.rounds += 1) {
    closed = Promise.withResolvers()
    const reserved = await withDeadline(settleMs, 'a reservation', () => sql.reserve())
    const pid = await pidOf(reserved)
    const queries = Array.from({ length: 150 }, () =>
      reserved`select pg_sleep(0.05)`.then(
        () => 0,
        () => 1,
      ),
    )
    await terminate(pid)
    const rejected = await withDeadline(settleMs, 'queries of a lost reservation', () => Promise.all(queries))
    counts.rejected += rejected.some((one) => one === 1) ? 1 : 0
    await withDeadline(settleMs, 'the close', () => closed.promise)
    counts.after += await withDeadline(settleMs, 'a query after the loss', () =>
      reserved`select 1`.then(
        () => 0,
        () => 1,
      ),
    )
    reserved.release()
  }
  const held = await withDeadline(settleMs, 'three reservations', () => Promise.all([1, 2, 3].map(() => sql.reserve())))
  counts.distinct = new Set(await Promise.all(held.map(pidOf))).size
  for (const one of held) one.release()
  await sql.end({ timeout: 2 })
  return counts
}

async function listenRecovers(): Promise<Counts> {
  const sql = open({ max: 2 })
  const heard: string[] = []
  let listening = Promise.withResolvers<void>()
  let hearing = Promise.withResolvers<void>()
  const onNotify = (text: string): void => {
    heard.push(text)
    hearing.resolve()
  }
  await sql.listen('driver', onNotify, () => listening.resolve())
  for (const round of ['1', '2', '3']) {
    listening = Promise.withResolvers()
    hearing = Promise.withResolvers()
    await terminate()
    await withDeadline(settleMs, 'listening again', () => listening.promise)
    await admin.notify('driver', round)
    await withDeadline(settleMs, 'hearing again', () => hearing.promise)
  }
  await sql.end({ timeout: 2 })
  return { heard: heard.length }
}

/** A server that accepts and hangs up, as one does that is starting or behind a proxy without a target. */
async function startFails(): Promise<Counts> {
  const target = new URL(databaseUrl)
  let there = false
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    if (!there) return void socket.end()
    const through = connect(Number(target.port), target.hostname)
    through.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => through.destroy())
    socket.pipe(through).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  const waits: number[] = []
  const backoff = (retries: number): number => {
    waits.push(retries)
    return 0.01
  }
  const sql = open({ max: 1, backoff }, url.href)
  let rejected = 0
  for (let tries = 0; tries < 4; tries += 1) {
    rejected += await withDeadline(2000, 'a failed start', () =>
      sql`select 1`.then(
        () => 0,
        () => 1,
      ),
    )
  }
  there = true
  const connectionsAway = connections
  const [row] = await withDeadline(settleMs, 'a start after', () => sql<{ one: number }[]>`select 1 as one`)
  await sql.end({ timeout: 2 })
  server.close()
  return { rejected, connectionsAway, longestRow: Math.max(...waits), answered: Number(row?.one) }
}

/** More queries than the driver sends ahead, so that some still wait in the transaction's own queue. */
async function queuedQueries(): Promise<Counts> {
  const sql = open({ max: 2 })
  const counts = { settled: 0, rejected: 0, transactionsRejected: 0 }
  for (let round = 0; round < 3; round += 1) {
    const transaction = sql.begin(async (tx) => {
      const pid = await pidOf(tx)
      const queries = Array.from({ length: 300 }, () =>
        tx`select pg_sleep(0.01)`.then(
          () => 'done',
          () => 'rejected',
        ),
      )
      await queries[0]
      await terminate(pid)
      const ends = await withDeadline(settleMs, 'queries of a lost transaction', () => Promise.all(queries))
      counts.settled += ends.length
      counts.rejected += ends.filter((end) => end === 'rejected').length
    })
    counts.transactionsRejected += await withDeadline(settleMs, 'a lost transaction', () =>
      transaction.then(
        () => 0,
        () => 1,
      ),
    )
  }
  await withDeadline(settleMs, 'a query after', () => sql`select 1`)
  await sql.end({ timeout: 2 })
  return counts
}

/** The connection is gone before the transaction says its next word. */
async function deadSocket(): Promise<Counts> {
  let closed = Promise.withResolvers<void>()
  const sql = open({ max: 2, onclose: () => closed.resolve() })
  const counts = { connectionClosed: 0, transactionsRejected: 0 }
  for (let round = 0; round < 5; round += 1) {
    closed = Promise.withResolvers()
    const transaction = sql.begin(async (tx) => {
      await terminate(await pidOf(tx))
      await withDeadline(settleMs, 'the close', () => closed.promise)
      const code = await withDeadline(settleMs, 'a query on a dead socket', () =>
        tx`select 1`.then(
          () => 'answered',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : ''),
        ),
      )
      counts.connectionClosed += code === 'CONNECTION_CLOSED' ? 1 : 0
    })
    counts.transactionsRejected += await withDeadline(settleMs, 'a lost transaction', () =>
      transaction.then(
        () => 0,
        () => 1,
      ),
    )
  }
  await withDeadline(settleMs, 'a query after', () => sql`select 1`)
  await sql.end({ timeout: 2 })
  return counts
}

const scenarios: Readonly<Record<string, () => Promise<Counts>>> = {
  terminateUnderTransactions,
  restartUnderLoad,
  reserveTerminated,
  listenRecovers,
  startFails,
  queuedQueries,
  deadSocket,
}

const counts = await scenarios[String(process.argv[2])]?.()
await admin.end({ timeout: 2 })
process.send?.({ counts })
process.disconnect?.()
