import { freePort } from '@portcullis/local/free-port'
import { createApiClient } from '@portcullis/domain/api-client/create'
import type { BareSession } from '../part/bare-session.ts'
import type { Load } from '../part/load.ts'
import { type Part, startPart } from '../part.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { makeSessions } from './owner.ts'
import { openDatabase } from './request-reset.ts'

const seconds = 3
const sessionCount = 2000
/** Sessions that are ended while the gateway is busy with others. */
const endedCount = 50

/** The gateway and a bare one on the same database, with a generator that knows its sessions. */
interface Stage {
  readonly load: Part<Load>
  readonly gatewayPort: number
  readonly barePort: number
  readonly tokens: readonly string[]
  /** Sessions of which the generator knows nothing. */
  readonly spare: readonly string[]
  readonly clientSecret: string
  compare(ours: string, baseline: string, connections: number): Promise<{ ours: number; baseline: number }>
}

/** Checks of a session: 32 at a time and one, beside one `SELECT` each, and beside no database. */
export async function measureSessionCheck(bench: Bench): Promise<Row[]> {
  const stage = await openStage(bench)
  const { load, gatewayPort, barePort, tokens } = stage
  const get = (port: number, path: string) =>
    tokens.map((token) => writeRequest({ port, method: 'GET', path, headers: { authorization: `Bearer ${token}` } }))
  await load.ask('aim', { name: 'ours', requests: get(gatewayPort, '/v1/account/session') })
  await load.ask('aim', { name: 'select', requests: get(barePort, '/session') })
  await load.ask('aim', { name: 'nothing', requests: get(barePort, '/nothing') })

  bench.say('32 connections')
  const many = await stage.compare('ours', 'select', 32)
  bench.say('one connection')
  const one = await stage.compare('ours', 'select', 1)
  bench.say('32 connections, beside no database')
  const bare = await stage.compare('ours', 'nothing', 32)
  bench.say(`${endedCount} sessions are ended under load`)
  await proveEnded(stage)

  const unit = 'checks/s'
  const ended = `${endedCount} sessions, ended one by one under load at 32 connections: each refused at its very next request`
  const told = (connections: number, beside: string) => [...common(connections, bench), beside, ended]
  const select = 'baseline: Hono, one SELECT by token hash a request, same driver, pool of 10'
  return [
    makeRow({ name: 'session-check', ...many, unit, goal: { ratioLeast: 1.5 }, conditions: told(32, select) }),
    makeRow({ name: 'session-check-one', ...one, unit, goal: { ratioLeast: 0.8 }, conditions: told(1, select) }),
    makeRow({
      name: 'session-check-nodb',
      ...bare,
      unit,
      goal: { ratioLeast: 0.4 },
      conditions: told(32, 'baseline: Hono, the same fields from memory, no database'),
    }),
  ]
}

/** What a token is worth, asked by an API client. */
export async function measureIntrospection(bench: Bench): Promise<Row[]> {
  const stage = await openStage(bench)
  const { load, gatewayPort, barePort, tokens, clientSecret } = stage
  const headers = { authorization: `Bearer ${clientSecret}`, 'content-type': 'application/x-www-form-urlencoded' }
  const post = (port: number, path: string) =>
    tokens.map((token) => writeRequest({ port, method: 'POST', path, headers, body: `token=${token}` }))
  await load.ask('aim', { name: 'ours', requests: post(gatewayPort, '/v1/introspect') })
  await load.ask('aim', { name: 'select', requests: post(barePort, '/introspect') })

  bench.say('32 connections')
  const many = await stage.compare('ours', 'select', 32)
  bench.say('one connection')
  const one = await stage.compare('ours', 'select', 1)
  const unit = 'checks/s'
  const told = (connections: number) => [
    ...common(connections, bench),
    'ours checks the secret of the client as well, in the store; the baseline (Hono, one SELECT by token hash, same driver, pool of 10) only the token',
  ]
  return [
    makeRow({ name: 'introspection', ...many, unit, goal: { ratioLeast: 1.5 }, conditions: told(32) }),
    makeRow({ name: 'introspection-one', ...one, unit, goal: { ratioLeast: 0.8 }, conditions: told(1) }),
  ]
}

async function openStage({ ground, later }: Bench): Promise<Stage> {
  const load = await startPart<Load>('load')
  later(() => load.stop())
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const all = await makeSessions(database, sessionCount + endedCount)
  const client = await createApiClient(database, { name: 'bench', scopes: ['introspect'] })
  const bare = await startPart<BareSession>('bare-session')
  later(() => bare.stop())
  const gatewayPort = await freePort()
  const gateway = await startService('gateway', { databaseUrl, gatewayPort, logDir: ground.logDir })
  later(() => gateway.stop())
  const ports = { ours: gatewayPort, baseline: await bare.ask('open', { databaseUrl }) }
  const rate = (port: number, name: string, connections: number) => async () =>
    (await load.ask('volley', { name, port, connections, seconds, status: 200 })).rate
  return {
    load,
    gatewayPort,
    barePort: ports.baseline,
    tokens: all.slice(0, sessionCount),
    spare: all.slice(sessionCount),
    clientSecret: client.secret,
    compare: (ours, baseline, connections) =>
      interleave(rate(ports.ours, ours, connections), rate(ports.baseline, baseline, connections)),
  }
}

/** Ends sessions while others are checked; one that is taken once more is a failure of the measurement. */
async function proveEnded({ load, gatewayPort, spare }: Stage): Promise<void> {
  const url = `http://127.0.0.1:${gatewayPort}/v1/account/session`
  const ask = async (method: string, token: string, status: number) => {
    const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })
    await answer.arrayBuffer()
    if (answer.status !== status) throw new Error(`${method} of a session: ${answer.status} instead of ${status}`)
  }
  const noise = load.ask('volley', { name: 'ours', port: gatewayPort, connections: 32, seconds, status: 200 })
  for (const token of spare) {
    await ask('GET', token, 200)
    await ask('DELETE', token, 204)
    await ask('GET', token, 401)
  }
  await noise
}

function common(connections: number, { ground }: Bench): string[] {
  return [
    `${connections} ${connections === 1 ? 'connection' : 'connections'}, ${seconds} s a round, median of ${roundCount} rounds in turn`,
    `${sessionCount} sessions in turn, one an account`,
    ...ground.conditions,
  ]
}
