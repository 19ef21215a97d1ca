import { freePort } from '@portcullis/local/free-port'
import type { BetterAuth } from '../part/better-auth.ts'
import type { Load } from '../part/load.ts'
import { startPart } from '../part.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { makeSessions } from './owner.ts'
import { openDatabase } from './request-reset.ts'

const seconds = 3
const connections = 32
const people = 200

/** Checks of a session beside better-auth, with Postgres and without its cookie cache, each in a process of its own. */
export async function measureSessionCheckPeer({ ground, say, later }: Bench): Promise<Row[]> {
  const load = await startPart<Load>('load')
  later(() => load.stop())
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const tokens = await makeSessions(database, people)
  const gatewayPort = await freePort()
  const gateway = await startService('gateway', { databaseUrl, gatewayPort, logDir: ground.logDir })
  later(() => gateway.stop())

  const peer = await startPart<BetterAuth>('better-auth')
  later(() => peer.stop())
  say(`${people} people sign up`)
  const { port, cookies } = await peer.ask('open', { databaseUrl: await ground.makeEmptyDatabase(), people })

  const ours = tokens.map((token) =>
    writeRequest({
      port: gatewayPort,
      method: 'GET',
      path: '/v1/account/session',
      headers: { authorization: `Bearer ${token}` },
    }),
  )
  const theirs = cookies.map((cookie) =>
    writeRequest({ port, method: 'GET', path: '/api/auth/get-session', headers: { cookie } }),
  )
  await load.ask('aim', { name: 'ours', requests: ours })
  await load.ask('aim', { name: 'theirs', requests: theirs })
  say(`${connections} connections`)
  const rate = (name: string, at: number) => async () =>
    (await load.ask('volley', { name, port: at, connections, seconds, status: 200 })).rate
  const found = await interleave(rate('ours', gatewayPort), rate('theirs', port))
  return [
    makeRow({
      name: 'session-check-peer',
      ...found,
      unit: 'checks/s',
      goal: { ratioLeast: 20 },
      conditions: [
        `${connections} connections, ${seconds} s a round, median of ${roundCount} rounds in turn; ${people} sessions in turn`,
        'baseline: better-auth 1.7.25, get-session by node:http, pg with a pool of 10, cookie cache off, rate limit off, tables by its own migrations',
        ...ground.conditions,
      ],
    }),
  ]
}
