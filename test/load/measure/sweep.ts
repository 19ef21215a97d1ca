import { freePort } from '@portcullis/local/free-port'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { listSweeps } from '@portcullis/db/queries/sweep'
import { inTransaction } from '@portcullis/db/transaction'
import { enqueue } from '@portcullis/domain/job/enqueue'
import type { BareHash } from '../part/bare-hash.ts'
import type { Load, Volley } from '../part/load.ts'
import { type Part, startPart } from '../part.ts'
import { residentMb, startService } from '../process.ts'
import { median } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import { fillSessions, sessionsEach } from './fill-sessions.ts'
import { password, proxySettings, writeLogins } from './login-request.ts'
import type { Bench } from './measurement.ts'

const usualRows = 5_000_000
const idleEvery = 5
const cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
const volleySeconds = 3
/** Each side three times, in turn. */
const order = ['baseline', 'ours', 'ours', 'baseline', 'baseline', 'ours'] as const
/** Nobody waits for a whole table but the benchmark. */
const patient = { poolSize: 1, statementTimeoutMs: 1_800_000, deadlineMs: 1_800_000 }

/** What one side came to in one round. */
interface Swept {
  readonly rowsPerSecond: number
  readonly idle: readonly Volley[]
  readonly busy: readonly Volley[]
  /** Of the sweeper: when it began, and the most while it swept. */
  readonly memoryMb: readonly [began: number, most: number]
}

/** Sessions that ran out, a fifth of the table, taken away while logins go on; beside one statement that does the same. */
export async function measureSweep(bench: Bench): Promise<Row[]> {
  const rows = bench.rows ?? usualRows
  const load = await startPart<Load>('load')
  bench.later(() => load.stop())
  const template = await fillTemplate(bench, rows)
  const found: Record<(typeof order)[number], Swept[]> = { ours: [], baseline: [] }
  for (const side of order) {
    const swept = await sweepOnce(bench, load, template, rows, side)
    found[side].push(swept)
    const [idle, busy] = [p99(swept.idle), p99(swept.busy)]
    bench.say(
      `${side}: ${Math.round(swept.rowsPerSecond).toLocaleString('en')} rows/s, login p99 ${idle.toFixed(1)} -> ${busy.toFixed(1)} ms`,
    )
  }
  return toRows(bench, rows, found)
}

/** Fills a database that each round starts from a copy of. */
async function fillTemplate({ ground, say }: Bench, rows: number): Promise<string> {
  const bare = await startPart<BareHash>('bare-hash')
  const phc = await bare.ask('make', { ...cost, password })
  await bare.stop()
  const url = await ground.makeDatabase()
  const database = connectDatabase({ url, name: 'bench', ...patient })
  const began = performance.now()
  await fillSessions(database, rows, phc, idleEvery)
  await database.close()
  say(`${rows.toLocaleString('en')} sessions filled in ${Math.round((performance.now() - began) / 1000)} s`)
  return url
}

async function sweepOnce(
  { ground }: Bench,
  load: Part<Load>,
  template: string,
  rows: number,
  side: (typeof order)[number],
): Promise<Swept> {
  const databaseUrl = await copyDatabase(ground.makeEmptyDatabase, template)
  const database = connectDatabase({ url: databaseUrl, name: 'bench', ...patient })
  const gatewayPort = await freePort()
  const settings = { databaseUrl, logDir: ground.logDir }
  const gateway = await startService('gateway', { ...settings, gatewayPort, env: proxySettings })
  try {
    const name = `login ${gatewayPort}`
    const emails = Array.from({ length: rows / sessionsEach }, (_, place) => `${place}@example.com`)
    await load.ask('aim', { name, requests: writeLogins(gatewayPort, emails.slice(0, 20_000)) })
    const volley = () =>
      load.ask('volley', { name, port: gatewayPort, connections: 1, seconds: volleySeconds, status: 201 })
    await volley()
    const idle = [await volley(), await volley(), await volley()]
    const busy: Volley[] = []
    let over = false
    const logins = (async () => {
      while (!over) busy.push(await volley())
    })()
    const swept = await (side === 'ours' ? sweepAsHouse(database, settings) : sweepBare(database)).finally(() => {
      over = true
    })
    await logins
    const expected = rows / idleEvery
    if (swept.rows !== expected) throw new Error(`${side} took ${swept.rows} rows away, not ${expected}`)
    // The last volley went on when all was over.
    const during = busy.length > 1 ? busy.slice(0, -1) : busy
    return { rowsPerSecond: swept.rows / swept.seconds, idle, busy: during, memoryMb: swept.memoryMb }
  } finally {
    await gateway.stop()
    await database.close()
    await dropDatabase(template, databaseUrl)
  }
}

interface Took {
  readonly rows: number
  readonly seconds: number
  readonly memoryMb: readonly [number, number]
}

/** The sweeper as it runs in production, on one tick. */
async function sweepAsHouse(database: Database, settings: { databaseUrl: string; logDir: string }): Promise<Took> {
  const sweeper = await startService('sweeper', settings)
  try {
    const began = residentMb(sweeper.pid)
    let most = began
    await inTransaction(database, async (tx) => {
      await enqueue(tx, 'sweep.sessions', { sweep: 'sessions.idle' }, undefined)
      tx.wakeAfterCommit()
    })
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      most = Math.max(most, residentMb(sweeper.pid))
      const [row] = await listSweeps(database)
      if (!row?.runStartedAt || !row.runEndedAt) continue
      if (row.lastErrorCode !== null) throw new Error(`the sweep ended early: ${row.lastErrorCode}`)
      const seconds = (row.runEndedAt.getTime() - row.runStartedAt.getTime()) / 1000
      return { rows: row.rowsThisRun, seconds, memoryMb: [began, most] }
    }
  } finally {
    await sweeper.stop()
  }
}

/** The same rows and the same audit events, in one statement. */
async function sweepBare({ sql }: Database): Promise<Took> {
  // Bare: the planner chooses, as where nobody has told it anything.
  for (const name of ['seqscan', 'hashjoin', 'mergejoin']) await sql.unsafe(`set enable_${name} = on`)
  const began = performance.now()
  const { count } = await sql`
    with deleted as (
      delete from sessions where revoked_at is null and last_seen_at <= now() - interval '14 days' returning id, account_id
    )
    insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
    select uuidv7(), 'session_expired', account_id, 'system', 'session', id, '{"because":"idle"}' from deleted`
  return { rows: count, seconds: (performance.now() - began) / 1000, memoryMb: [0, 0] }
}

async function copyDatabase(makeEmpty: () => Promise<string>, template: string): Promise<string> {
  const url = await makeEmpty()
  const [name, from] = [nameOf(url), nameOf(template)]
  await onServer(template, `drop database ${name}`)
  await onServer(template, `create database ${name} template ${from} strategy file_copy`)
  return url
}

async function dropDatabase(template: string, url: string): Promise<void> {
  await onServer(template, `drop database if exists ${nameOf(url)} with (force)`)
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

async function onServer(anyUrl: string, statement: string): Promise<void> {
  const url = new URL(anyUrl)
  url.pathname = '/postgres'
  const database = connectDatabase({ url: url.href, name: 'bench', ...patient })
  try {
    await database.sql.unsafe(statement)
  } finally {
    await database.close()
  }
}

function p99(volleys: readonly Volley[]): number {
  return median(volleys.map((one) => one.p99Ms))
}

function toRows(
  { ground }: Bench,
  rows: number,
  { ours, baseline }: { readonly ours: readonly Swept[]; readonly baseline: readonly Swept[] },
): Row[] {
  const rate = (side: readonly Swept[]) => median(side.map((one) => one.rowsPerSecond))
  const login = (side: readonly Swept[], when: 'idle' | 'busy') => p99(side.flatMap((one) => one[when]))
  const memory = ours.map(({ memoryMb: [began, most] }) => `${began.toFixed(0)} -> ${most.toFixed(0)} MB`).join(', ')
  const conditions = [
    `${(rows / idleEvery).toLocaleString('en')} of ${rows.toLocaleString('en')} sessions, each with an audit event; each side ${order.length / 2} times in turn, on a copy of one database`,
    `meanwhile logins, one connection, as fast as answers come; p99 of volleys of ${volleySeconds} s, median`,
    'baseline: one WITH deleted … INSERT statement in one transaction, all its rows locked to its end',
    `login p99 beside the baseline ${login(baseline, 'idle').toFixed(1)} -> ${login(baseline, 'busy').toFixed(1)} ms`,
    `resident memory of the sweeper, at the start and at most: ${memory}`,
    ...ground.conditions,
  ]
  return [
    makeRow({
      name: 'sweep',
      ours: rate(ours),
      baseline: rate(baseline),
      unit: 'rows/s',
      goal: { ratioLeast: 0.7 },
      conditions,
    }),
    makeRow({
      name: 'sweep-login',
      ours: login(ours, 'busy'),
      baseline: login(ours, 'idle'),
      unit: 'ms p99',
      goal: { ratioMost: 1.5 },
      conditions: ['baseline: the same logins before the sweep', ...conditions],
    }),
    makeRow({
      name: 'sweep-memory',
      ours: Math.max(...ours.map((one) => one.memoryMb[1])),
      baseline: median(ours.map((one) => one.memoryMb[0])),
      unit: 'MB',
      goal: { none: true },
      conditions: ['baseline: the sweeper before it sweeps', ...conditions],
    }),
  ]
}
