import { freePort } from '@portcullis/local/free-port'
import type { BareGateway } from '../part/bare-gateway.ts'
import type { Load } from '../part/load.ts'
import { startPart } from '../part.ts'
import { type ReadyProcess, startService } from '../process.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'

const seconds = 3

/** How many requests for a reset mail the gateway accepts in a second. */
export async function measureAccept(bench: Bench): Promise<Row[]> {
  const { ground, say, later } = bench
  const load = await startPart<Load>('load')
  later(() => load.stop())
  const databaseUrl = await ground.makeDatabase()
  const prefix = ground.newPrefix()
  const gatewayPort = await freePort()
  const settings = { databaseUrl, redisUrl: ground.redisUrl, prefix, gatewayPort, logDir: ground.logDir }
  const bare = await startPart<BareGateway>('bare-gateway')
  later(() => bare.stop())
  const barePort = await bare.ask('open', { databaseUrl })
  keep(bench, await startService('gateway', settings))

  let run = 0
  const compare = (connections: number) => {
    const rate = (port: number) => () => load.ask('rate', { port, connections, seconds, prefix: `a${(run += 1)}` })
    return interleave(rate(gatewayPort), rate(barePort))
  }
  const told = (connections: number, beside: string) => [
    `${connections} ${connections === 1 ? 'connection' : 'connections'}, ${seconds} s a round, median of ${roundCount} rounds in turn`,
    'ours writes three rows a request (request, audit event, job), the baseline (Hono, same driver, pool of 10) one',
    beside,
    ...ground.conditions,
  ]
  const alone = 'relay and workers not running'

  say('64 connections')
  const many = await compare(64)
  say('one connection')
  const one = await compare(1)
  say('64 connections, relay and reset-mailer at work')
  keep(bench, await startService('relay', settings))
  keep(bench, await startService('reset-mailer', settings))
  const busy = await compare(64)

  const unit = 'requests/s'
  return [
    makeRow({ name: 'accept', ...many, unit, goal: { ratioLeast: 1.3 }, conditions: told(64, alone) }),
    makeRow({ name: 'accept-one', ...one, unit, goal: { ratioLeast: 0.8 }, conditions: told(1, alone) }),
    makeRow({
      name: 'accept-busy',
      ...busy,
      unit,
      goal: { none: true },
      conditions: told(
        64,
        'relay and reset-mailer work meanwhile, on both sides, on what was accepted; no address is known',
      ),
    }),
  ]
}

function keep(bench: Bench, service: ReadyProcess): void {
  bench.later(() => service.stop())
}
