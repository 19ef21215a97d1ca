import { freePort } from '@portcullis/local/free-port'
import type { BareHash } from '../part/bare-hash.ts'
import type { Load } from '../part/load.ts'
import { startPart } from '../part.ts'
import { startService } from '../process.ts'
import { interleave, median, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import { password, proxySettings, writeLogins } from './login-request.ts'
import type { Bench } from './measurement.ts'
import { makeAccounts, openDatabase } from './request-reset.ts'

const seconds = 4
const connections = 8
/** `HASHES_AT_ONCE` of the gateway. */
const atOnce = 2
const cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
/** More than there are logins in all rounds, so that hardly anybody logs in twice. */
const accountCount = 4000

/** Logins in a second beside bare argon2id, and how long the event loop is held up meanwhile. */
export async function measureLogin({ ground, say, later }: Bench): Promise<Row[]> {
  const load = await startPart<Load>('load')
  later(() => load.stop())
  const bare = await startPart<BareHash>('bare-hash')
  later(() => bare.stop())
  const phc = await bare.ask('make', { ...cost, password })
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const emails = await makeAccounts(database, accountCount, 'login')
  await database.sql`update accounts set password_hash = ${phc}`
  await database.sql`analyze`
  const gatewayPort = await freePort()
  const env = { ...proxySettings, HASHES_AT_ONCE: String(atOnce) }
  const gateway = await startService('gateway', { databaseUrl, gatewayPort, logDir: ground.logDir, env })
  later(() => gateway.stop())
  await load.ask('aim', { name: 'login', requests: writeLogins(gatewayPort, emails) })

  say(`${connections} connections`)
  const delays: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] }
  const ours = async () => {
    await readDelayMs(gateway.metricsPort)
    const { rate } = await load.ask('volley', { name: 'login', port: gatewayPort, connections, seconds, status: 201 })
    delays.ours.push(await readDelayMs(gateway.metricsPort))
    return rate
  }
  const baseline = async () => {
    const found = await bare.ask('rate', { password, phc, atOnce, seconds })
    delays.baseline.push(found.p99Ms)
    return found.rate
  }
  const found = await interleave(ours, baseline)
  // The first round only warms up.
  const middle = { ours: median(delays.ours.slice(1)), baseline: median(delays.baseline.slice(1)) }
  const conditions = [
    `${connections} connections, ${seconds} s a round, median of ${roundCount} rounds in turn; ${accountCount} accounts, each login from a network of its own`,
    `argon2id m=${cost.memoryKib}, t=${cost.passes}, p=${cost.lanes}; ${atOnce} hashes at a time on both sides`,
    'baseline: a process that only verifies, without HTTP or a database',
    `event loop of the gateway: worst p99 of a round ${Math.max(...delays.ours.slice(1)).toFixed(1)} ms`,
    ...ground.conditions,
  ]
  return [
    makeRow({ name: 'login', ...found, unit: 'logins/s', goal: { ratioLeast: 0.85 }, conditions }),
    makeRow({ name: 'login-loop', ...middle, unit: 'ms p99', goal: { oursBelow: 50 }, conditions }),
  ]
}

/** Delay of the event loop, 99th percentile, since it was last read. Reading it begins anew. */
async function readDelayMs(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = /^nodejs_eventloop_delay_p99(?:_seconds)?(?:\{[^}]*\})? ([\d.e+-]+)/m.exec(text)?.[1]
  if (value === undefined) throw new Error('the gateway tells no delay of its event loop')
  return Number(value) * 1000
}
