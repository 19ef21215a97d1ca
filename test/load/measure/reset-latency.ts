import { freePort } from '@portcullis/local/free-port'
import type { BareGateway } from '../part/bare-gateway.ts'
import type { Load } from '../part/load.ts'
import type { Sink } from '../part/sink.ts'
import { startPart } from '../part.ts'
import { startService } from '../process.ts'
import { quantile } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { makeAccounts, openDatabase } from './request-reset.ts'

const count = 200
const warmCount = 20
const everyMs = 100

/** How long after the answer a reset mail is with the mail server, when there is little to do. */
export async function measureResetLatency({ ground, say, later }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const [sink, load, bare] = [
    await startPart<Sink>('sink'),
    await startPart<Load>('load'),
    await startPart<BareGateway>('bare-gateway'),
  ]
  for (const part of [sink, load, bare]) later(() => part.stop())
  const smtpPort = await sink.ask('open', undefined)
  const barePort = await bare.ask('open', { databaseUrl, smtpPort })
  const gatewayPort = await freePort()
  const { redisUrl, logDir } = ground
  const settings = { databaseUrl, redisUrl, prefix: ground.newPrefix(), smtpPort, gatewayPort, logDir }
  for (const name of ['relay', 'reset-mailer', 'notifier', 'gateway'] as const) {
    const service = await startService(name, settings)
    later(() => service.stop())
  }

  const ask = async (prefix: string, most: number) => {
    const emails = await makeAccounts(database, most, prefix)
    const turns = emails.flatMap((email) => [
      { port: gatewayPort, email },
      { port: barePort, email: `bare-${email}` },
    ])
    await sink.ask('clear', undefined)
    const accepted = await load.ask('paced', { turns, everyMs })
    await sink.ask('until', { count: turns.length })
    const arrived = new Map(await sink.ask('times', undefined))
    return accepted.map(([email, ns]) => ({
      bare: email.startsWith('bare-'),
      ms: ((arrived.get(email) ?? Number.NaN) - ns) / 1e6,
    }))
  }
  say(`${count} requests of each side, ${1000 / everyMs / 2} a second`)
  await ask('w', warmCount)
  const found = await ask('l', count)
  const latencies = (bareOnes: boolean) => found.filter((one) => one.bare === bareOnes).map((one) => one.ms)
  const row = (name: string, share: number, goal: Parameters<typeof makeRow>[0]['goal']) =>
    makeRow({
      name,
      ours: quantile(latencies(false), share),
      baseline: quantile(latencies(true), share),
      unit: 'ms',
      goal,
      conditions: [
        `${count} requests a side in turn, about ${1000 / everyMs / 2} a second each, after ${warmCount} to warm up`,
        'from the 202 at the client to the last byte of the mail at the sink',
        'all services run; the baseline is one process: Hono, INSERT, 202, then pooled nodemailer at once',
        ...ground.conditions,
      ],
    })
  return [row('reset-latency-p50', 0.5, { none: true }), row('reset-latency-p99', 0.99, { oursBelow: 100 })]
}
