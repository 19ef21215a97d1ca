import { freePort } from '@portcullis/local/free-port'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { findRevocation } from '@portcullis/db/queries/revocation'
import { moveRevocation } from '@portcullis/domain/revocation/move'
import type { Load, Volley } from '../part/load.ts'
import { type Part, startPart } from '../part.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { median } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import { draft, makeAdmin, openPatient } from './bulk-ground.ts'
import { makeIdFunction } from './fill-id.ts'
import type { Bench } from './measurement.ts'

const usualRows = 1_000_000
const sessionsEach = 5
const volleySeconds = 2
/** Each side twice, in turn, each on a store of its own. */
const order = ['baseline', 'ours', 'ours', 'baseline'] as const

/** What one side came to in one round. */
interface Ended {
  readonly rowsPerSecond: number
  readonly idle: readonly Volley[]
  readonly busy: readonly Volley[]
}

/** A million sessions of two hundred thousand accounts, ended while session checks go on; beside one bare UPDATE. */
export async function measureBulkRevocation(bench: Bench): Promise<Row[]> {
  const rows = bench.rows ?? usualRows
  const load = await startPart<Load>('load')
  bench.later(() => load.stop())
  const found: Record<(typeof order)[number], Ended[]> = { ours: [], baseline: [] }
  for (const side of order) {
    const ended = await endOnce(bench, load, rows, side)
    found[side].push(ended)
    const [idle, busy] = [p99(ended.idle), p99(ended.busy)]
    const rate = Math.round(ended.rowsPerSecond).toLocaleString('en')
    bench.say(`${side}: ${rate} sessions/s, session check p99 ${idle.toFixed(2)} -> ${busy.toFixed(2)} ms`)
  }
  return toRows(bench, rows, found)
}

async function endOnce(bench: Bench, load: Part<Load>, rows: number, side: (typeof order)[number]): Promise<Ended> {
  const { ground } = bench
  const databaseUrl = await ground.makeDatabase()
  const database = openPatient(databaseUrl)
  const port = await freePort()
  await fill(database, rows)
  const [drafter, approver] = [await makeAdmin(database, 'drafter'), await makeAdmin(database, 'approver')]
  const wish = { selector: { emailDomain: 'example.com' }, kinds: ['sessions' as const], fence: false }
  const id = await draft(database, drafter, wish)
  // Else the store tidies up after the draft by itself, while it is to be idle.
  await database.sql`vacuum (analyze) revocation_targets`
  await database.sql`checkpoint`
  const settings = { databaseUrl, logDir: ground.logDir }
  const gateway = await startService('gateway', { ...settings, gatewayPort: port })
  try {
    const name = `check ${port}`
    const headers = { authorization: `Bearer ${approver.token}` }
    await load.ask('aim', {
      name,
      requests: [writeRequest({ port, method: 'GET', path: '/v1/account/session', headers })],
    })
    const volley = () => load.ask('volley', { name, port, connections: 1, seconds: volleySeconds, status: 200 })
    // A gateway that has just started is slower than one at work.
    for (let warm = 0; warm < 4; warm += 1) await volley()
    const idle = [await volley(), await volley(), await volley()]
    const busy: Volley[] = []
    let over = false
    const checks = (async () => {
      while (!over) busy.push(await volley())
    })()
    const begin = async () => {
      await moveRevocation(database, approver, id, 'approve')
      await moveRevocation(database, drafter, id, 'start')
    }
    const work = side === 'ours' ? endAsHouse(database, settings, id, begin) : endBare(database)
    const ended = await work.finally(() => {
      over = true
    })
    await checks
    if (ended.rows !== rows) throw new Error(`${side} has ended ${ended.rows} sessions, not ${rows}`)
    // The last volley went on when all was over.
    return { rowsPerSecond: rows / ended.seconds, idle, busy: busy.length > 1 ? busy.slice(0, -1) : busy }
  } finally {
    await gateway.stop()
    await database.close()
  }
}

/** Sessions of one account lie far apart, as those of a real one do. */
async function fill(database: Database, rows: number): Promise<void> {
  const accounts = rows / sessionsEach
  const { sql } = database
  await makeIdFunction(database)
  await sql.begin(async (tx) => {
    // Each foreign key would be looked up once more; they are right by the way they are made.
    await tx`set local session_replication_role = replica`
    await tx`
      insert into accounts (id, email, email_key, name, password_changed_at)
      select bench_id('account', n), n || '@example.com', n || '@example.com', 'Ada Owner', now() - interval '60 days'
      from generate_series(0, ${accounts - 1}::int) as n`
    await tx`
      insert into sessions (id, account_id, token_hash, epoch, user_agent, country, created_at, last_seen_at, expires_at)
      select bench_id('session', n), bench_id('account', n % ${accounts}::int), sha256(('token' || n)::bytea), 1,
        'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'DE', now() - interval '5 days',
        now() - interval '1 day', now() + interval '20 days'
      from generate_series(0, ${rows - 1}::int) as n`
  })
  for (const table of ['sessions', 'accounts']) await sql.unsafe(`vacuum (analyze) ${table}`)
  await sql`checkpoint`
}

/** The revoker as it runs in production. From its start, which is when the work begins, to the state `done`. */
async function endAsHouse(
  database: Database,
  settings: { databaseUrl: string; logDir: string },
  id: Id<'revocation'>,
  begin: () => Promise<void>,
): Promise<{ rows: number; seconds: number }> {
  const revoker = await startService('revoker', settings)
  try {
    await begin()
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      const row = await findRevocation(database, id)
      if (row?.state !== 'done' || !row.startedAt || !row.endedAt) continue
      return { rows: row.revoked?.sessions ?? 0, seconds: (row.endedAt.getTime() - row.startedAt.getTime()) / 1000 }
    }
  } finally {
    await revoker.stop()
  }
}

/** The same sessions in one statement: no audit, no notice, no progress, and all its rows locked to its end. */
async function endBare({ sql }: Database): Promise<{ rows: number; seconds: number }> {
  const began = performance.now()
  const { count } = await sql`
    update sessions set revoked_at = now(), revoked_because = 'bulk' from accounts as account
    where account.id = sessions.account_id and account.email_key like '%@example.com' and revoked_at is null`
  return { rows: count, seconds: (performance.now() - began) / 1000 }
}

function p99(volleys: readonly Volley[]): number {
  return median(volleys.map((one) => one.p99Ms))
}

function toRows(
  { ground }: Bench,
  rows: number,
  { ours, baseline }: { readonly ours: readonly Ended[]; readonly baseline: readonly Ended[] },
): Row[] {
  const rate = (side: readonly Ended[]) => median(side.map((one) => one.rowsPerSecond))
  const check = (side: readonly Ended[], when: 'idle' | 'busy') => p99(side.flatMap((one) => one[when]))
  const conditions = [
    `${rows.toLocaleString('en')} sessions of ${(rows / sessionsEach).toLocaleString('en')} accounts, each account with an audit event, a notice, its job and its outcome; each side ${order.length / 2} times in turn, each on a store of its own`,
    `one revoker with its defaults, from start to done; meanwhile session checks, one connection, as fast as answers come; p99 of volleys of ${volleySeconds} s, median`,
    'baseline: one bare UPDATE in one transaction, without audit, notices or outcomes',
    `session check p99 beside the baseline ${check(baseline, 'idle').toFixed(2)} -> ${check(baseline, 'busy').toFixed(2)} ms`,
    ...ground.conditions,
  ]
  return [
    makeRow({
      name: 'bulk-revocation',
      ours: rate(ours),
      baseline: rate(baseline),
      unit: 'sessions/s',
      goal: { ratioLeast: 0.6 },
      conditions,
    }),
    makeRow({
      name: 'bulk-revocation-check',
      ours: check(ours, 'busy'),
      baseline: check(ours, 'idle'),
      unit: 'ms p99',
      goal: { ratioMost: 1.5 },
      conditions: ['baseline: the same session checks before it', ...conditions],
    }),
  ]
}
