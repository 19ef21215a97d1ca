import { freePort } from '@portcullis/local/free-port'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { type AccountSearch, searchAccounts } from '@portcullis/db/queries/account-search'
import type { Load, Volley } from '../part/load.ts'
import { type Part, startPart } from '../part.ts'
import { explainQuery } from '../plan.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { median } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'

const smallAccounts = 10_000
const usualAccounts = 1_000_000
const rounds = 5
const seconds = 2
/** Different questions of each kind, one after another. */
const questions = 500
const token = `pcs_${'a'.repeat(43)}`

/** A kind of question: how the n-th is asked, and the same as the query takes it. */
interface Kind {
  readonly ask: (n: number) => Record<string, string>
  readonly search: (n: number) => AccountSearch
}

const hex = (n: number, digits: number) => ((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').slice(0, digits)
const networkOf = (n: number, bits: 16 | 24) =>
  bits === 16 ? `10.${(n * 37) % 256}.0.0/16` : `10.${(n * 37) % 256}.${(n * 101) % 256}.0/24`
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)

const kinds: Readonly<Record<string, Kind>> = {
  prefix: { ask: (n) => ({ emailPrefix: hex(n, 3) }), search: (n) => ({ emailKeyPrefix: hex(n, 3) }) },
  address: { ask: (n) => ({ emailPrefix: hex(n, 7) }), search: (n) => ({ emailKeyPrefix: hex(n, 7) }) },
  state: { ask: () => ({ state: 'disabled' }), search: () => ({ state: 'disabled' }) },
  network: { ask: (n) => ({ network: networkOf(n, 24) }), search: (n) => ({ network: networkOf(n, 24) }) },
  'wide-network': { ask: (n) => ({ network: networkOf(n, 16) }), search: (n) => ({ network: networkOf(n, 16) }) },
  created: {
    ask: (n) => ({ createdBefore: hoursAgo(n + 1).toISOString() }),
    search: (n) => ({ createdBefore: hoursAgo(n + 1) }),
  },
  // The worst there is: nobody fits, so that a page looks at all that it may.
  worst: {
    ask: (n) => ({ emailPrefix: hex(n, 1), role: 'support', state: 'locked' }),
    search: (n) => ({ emailKeyPrefix: hex(n, 1), role: 'support', state: 'locked' }),
  },
}

/** A gateway on a store of one size. */
interface Stage {
  readonly accounts: number
  readonly port: number
  readonly database: Database
}

/** What a member of the staff waits for a page of 50 accounts, whatever they search by, over HTTP and with its audit event. */
export async function measureAccountSearch(bench: Bench): Promise<Row[]> {
  const load = await startPart<Load>('load')
  bench.later(() => load.stop())
  const small = await openStage(bench, load, smallAccounts)
  const big = await openStage(bench, load, bench.rows ?? usualAccounts)
  const rows: Row[] = []
  for (const [name, kind] of Object.entries(kinds)) rows.push(await measureKind(bench, load, [small, big], name, kind))
  return rows
}

async function openStage({ ground, say, later }: Bench, load: Part<Load>, accounts: number): Promise<Stage> {
  const databaseUrl = await ground.makeDatabase()
  // One connection: settings of the session hold for all that is filled.
  const database = connectDatabase({ url: databaseUrl, name: 'bench', poolSize: 1, deadlineMs: 600_000 })
  later(() => database.close())
  const began = performance.now()
  await fillAccounts(database, accounts)
  say(`${accounts.toLocaleString('en')} accounts filled in ${Math.round((performance.now() - began) / 1000)} s`)
  const port = await freePort()
  const gateway = await startService('gateway', { databaseUrl, gatewayPort: port, logDir: ground.logDir })
  later(() => gateway.stop())
  for (const [name, { ask }] of Object.entries(kinds)) {
    const requests = Array.from({ length: questions }, (_, n) =>
      writeRequest({
        port,
        method: 'GET',
        path: `/v1/admin/accounts?${new URLSearchParams(ask(n)).toString()}`,
        headers: { authorization: `Bearer ${token}` },
      }),
    )
    await load.ask('aim', { name: `${name} ${port}`, requests })
  }
  return { accounts, port, database }
}

/** Accounts made in the course of five years, each with a session from somewhere, and one admin who asks. */
async function fillAccounts({ sql }: Database, count: number): Promise<void> {
  await sql`set statement_timeout = 0`
  await sql`
    insert into accounts (id, email, email_key, name, password_changed_at, state, role, created_at)
    select uuidv7(made.moment - now()), address, address, 'Ada Owner', made.moment,
      case when n % 200 = 0 then 'disabled' when n % 1000 = 1 then 'locked' else 'active' end,
      case when n % 100000 = 7 then 'support' else 'member' end, made.moment
    from (
      select n, md5('address' || n) || '@shop' || n % 50 || '.example' as address,
        now() - (${count}::int - n) * (interval '5 years' / ${count}::int) as moment
      from generate_series(1, ${count}::int) as n
    ) as made`
  await sql`set session_replication_role = replica`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, ip, country, expires_at)
    select uuidv7(), id, sha256(id::text::bytea), 1,
      ('10.' || get_byte(digest, 0) || '.' || get_byte(digest, 1) || '.' || get_byte(digest, 2))::inet, 'DE',
      now() + interval '30 days'
    from (select id, sha256(('ip' || id)::bytea) as digest from accounts) as account`
  await sql`
    insert into accounts (id, email, email_key, name, password_changed_at, role)
    values (md5('admin')::uuid, 'admin@acme.example', 'admin@acme.example', 'Ada Admin', now(), 'admin')`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, second_factor, expires_at)
    values (md5('session')::uuid, md5('admin')::uuid, sha256(${token}::text::bytea), 1, true, now() + interval '30 days')`
  await sql`reset session_replication_role`
  await sql`vacuum (analyze) sessions`
  await sql`vacuum (analyze) accounts`
  await sql`checkpoint`
}

/** Both sizes in turn, so that the noise of the machine falls on both alike. The first round warms up. */
async function measureKind(
  { ground, say }: Bench,
  load: Part<Load>,
  [small, big]: readonly [Stage, Stage],
  name: string,
  kind: Kind,
): Promise<Row> {
  say(name)
  const found = new Map<Stage, Volley[]>()
  for (let round = 0; round <= rounds; round += 1) {
    for (const stage of [small, big]) {
      const { port } = stage
      const volley = await load.ask('volley', { name: `${name} ${port}`, port, connections: 1, seconds, status: 200 })
      if (round > 0) found.set(stage, [...(found.get(stage) ?? []), volley])
    }
  }
  const of = (stage: Stage, which: 'p50Ms' | 'p99Ms') => median((found.get(stage) ?? []).map((one) => one[which]))
  const plans = await explainQuery(big.database, (tx) => searchAccounts(tx, kind.search(3), { limit: 50 }))
  return makeRow({
    name: `account-search-${name}`,
    ours: of(big, 'p99Ms'),
    baseline: of(small, 'p99Ms'),
    unit: 'ms p99',
    goal: { oursBelow: 20 },
    conditions: [
      `${big.accounts.toLocaleString('en')} accounts with a session each, pages of 50, ${questions} different questions over HTTP, each audited`,
      `one connection, ${seconds} s a round, median of ${rounds} rounds; p50 ${of(big, 'p50Ms').toFixed(2)} ms`,
      `baseline: the same with ${small.accounts.toLocaleString('en')} accounts, in turn`,
      ...ground.conditions,
    ],
    plans,
  })
}
