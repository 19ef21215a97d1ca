import { freePort } from '@portcullis/local/free-port'
import { asId, type Id } from '@portcullis/contracts/ids'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { findLoginAccount } from '@portcullis/db/queries/login'
import { readLoginHistory } from '@portcullis/db/queries/login-history'
import { evictSessions, listLivingSessions, listSessions } from '@portcullis/db/queries/session'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { sha256 } from '@portcullis/runtime/digest'
import type { BareHash } from '../part/bare-hash.ts'
import type { Load, Volley } from '../part/load.ts'
import { type Part, startPart } from '../part.ts'
import { explainQuery } from '../plan.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { median } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import { fillSessions, sessionsEach } from './fill-sessions.ts'
import { password, proxySettings, writeLogins } from './login-request.ts'
import type { Bench } from './measurement.ts'

const scales = [10_000, 100_000, 1_000_000, 5_000_000] as const
const rounds = 7
const seconds = 2
const cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
/** So many accounts of each scale are asked, spread over all of them. */
const askedMost = 1000

/** A gateway on a store of one size. */
interface Stage {
  readonly sessionCount: number
  readonly port: number
  readonly plans: readonly string[]
}

/** The list of sessions and the login of an account, from 10 thousand to 5 million sessions in the table. */
export async function measureSessionScale(bench: Bench): Promise<Row[]> {
  const load = await startPart<Load>('load')
  bench.later(() => load.stop())
  const bare = await startPart<BareHash>('bare-hash')
  const phc = await bare.ask('make', { ...cost, password })
  await bare.stop()
  const stages: Stage[] = []
  // `--rows` ends it earlier.
  const wanted = scales.filter((scale) => scale <= (bench.rows ?? Number.POSITIVE_INFINITY))
  for (const sessionCount of wanted) stages.push(await openStage(bench, load, sessionCount, phc))

  bench.say(`lists, then logins, ${rounds} rounds in turn at all sizes`)
  const lists = await volleys(load, stages, 'list', 200)
  const logins = await volleys(load, stages, 'login', 201)
  const plans = stages.at(-1)?.plans ?? []
  return [...toRows('session-list', lists, plans, bench), ...toRows('session-login', logins, plans, bench)]
}

async function openStage(bench: Bench, load: Part<Load>, sessionCount: number, phc: string): Promise<Stage> {
  const { ground, say, later } = bench
  const databaseUrl = await ground.makeDatabase()
  // One connection: settings of the session hold for all that is filled.
  const database = connectDatabase({ url: databaseUrl, name: 'bench', poolSize: 1, deadlineMs: 600_000 })
  later(() => database.close())
  const began = performance.now()
  await fillSessions(database, sessionCount, phc)
  say(`${sessionCount.toLocaleString('en')} sessions filled in ${Math.round((performance.now() - began) / 1000)} s`)
  const port = await freePort()
  const gateway = await startService('gateway', {
    databaseUrl,
    gatewayPort: port,
    logDir: ground.logDir,
    env: proxySettings,
  })
  later(() => gateway.stop())

  const accounts = sessionCount / sessionsEach
  const asked = Array.from({ length: Math.min(askedMost, accounts) }, (_, place) =>
    Math.floor((place * accounts) / Math.min(askedMost, accounts)),
  )
  const token = await borrowTokens(database, asked)
  const list = token.map((one) =>
    writeRequest({ port, method: 'GET', path: '/v1/account/sessions', headers: { authorization: `Bearer ${one}` } }),
  )
  // Each login from a network of its own, and no network again within the minute in which it is counted.
  const emails = Array.from({ length: 20 }, () => asked.map((place) => `${place}@example.com`)).flat()
  await load.ask('aim', { name: `list ${port}`, requests: list })
  await load.ask('aim', { name: `login ${port}`, requests: writeLogins(port, emails) })
  return { sessionCount, port, plans: await explainAll(database, accounts) }
}

/** Gives the newest session of each of these accounts a token of the right form. */
async function borrowTokens(database: Database, places: readonly number[]): Promise<string[]> {
  const tokens = places.map((place) => `pcs_${String(place).padStart(43, '0')}`)
  await database.sql`
    update sessions set token_hash = sha256(chosen.token::bytea)
    from (
      select (select id from sessions where account_id = bench_id('account', given.place) and revoked_at is null
        order by last_seen_at desc limit 1) as id, given.token
      from unnest(${[...places]}::int[], ${tokens}::text[]) as given (place, token)
    ) as chosen
    where sessions.id = chosen.id`
  return tokens
}

async function explainAll(database: Database, accounts: number): Promise<string[]> {
  const [account] = await database.sql<{ id: Id<'account'> }[]>`
    select id from accounts where email_key = ${`${Math.floor(accounts / 2)}@example.com`}`
  const id = account?.id ?? asId('account', '')
  const told = async (name: string, query: Parameters<typeof explainQuery>[1]) =>
    (await explainQuery(database, query)).map((plan) => `${name}\n${plan}`)
  return [
    ...(await told('check', (tx) => listLivingSessions(tx, [sha256('token7')], sessionLimits))),
    ...(await told('list', (tx) => listSessions(tx, id, sessionLimits))),
    ...(await told('login: account', (tx) => findLoginAccount(tx, '7@example.com'))),
    ...(await told('login: history', (tx) => readLoginHistory(tx, id, 'Firefox on Linux', 'DE'))),
    ...(await told('login: who gives way', (tx) => evictSessions(tx, id, sessionLimits))),
  ]
}

/** All sizes in turn, forth and back, so that the noise of the machine falls on all alike. The first round warms up. */
async function volleys(load: Part<Load>, stages: readonly Stage[], what: string, status: number) {
  const found = new Map<number, Volley[]>()
  for (let round = 0; round <= rounds; round += 1) {
    for (const { port, sessionCount } of round % 2 === 0 ? stages : stages.toReversed()) {
      const volley = await load.ask('volley', { name: `${what} ${port}`, port, connections: 1, seconds, status })
      if (round > 0) found.set(sessionCount, [...(found.get(sessionCount) ?? []), volley])
    }
  }
  return found
}

/** One row a size: its median beside that of the smallest. The goal is for the largest. */
function toRows(
  name: string,
  found: ReadonlyMap<number, Volley[]>,
  plans: readonly string[],
  { ground }: Bench,
): Row[] {
  const p50 = (size: number) => median((found.get(size) ?? []).map((one) => one.p50Ms))
  const p99 = (size: number) => median((found.get(size) ?? []).map((one) => one.p99Ms))
  const sizes = scales.filter((size) => found.has(size))
  const told = sizes.map(
    (size) => `${size.toLocaleString('en')}: ${p50(size).toFixed(2)} and ${p99(size).toFixed(2)} ms`,
  )
  return sizes.slice(1).map((size) =>
    makeRow({
      name: `${name}-${size / 1_000_000 < 1 ? `${size / 1000}k` : `${size / 1_000_000}m`}`,
      ours: p50(size),
      baseline: p50(scales[0]),
      unit: 'ms p50',
      goal: size === sizes.at(-1) ? { ratioMost: 1.3 } : { none: true },
      conditions: [
        `one connection, ${seconds} s a round, median of ${rounds} rounds, all sizes in turn, a gateway and a store of its own for each`,
        `baseline: the same with ${scales[0].toLocaleString('en')} sessions; ${sessionsEach} living sessions an account, ${askedMost} accounts at most are asked`,
        `p50 and p99: ${told.join(', ')}`,
        ...ground.conditions,
      ],
      plans: size === sizes.at(-1) ? plans : [],
    }),
  )
}
