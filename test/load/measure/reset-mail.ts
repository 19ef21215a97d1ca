import type { BareMailing } from '../part/bare-mailer.ts'
import type { Sink } from '../part/sink.ts'
import { startPart } from '../part.ts'
import { startService } from '../process.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { makeAccounts, openDatabase, requestAll } from './request-reset.ts'

const count = 2000
const connections = 10
const atOnce = 50

/** How many reset mails a second reach a mail server when requests have piled up. */
export async function measureResetMail({ ground, say, later }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const sink = await startPart<Sink>('sink')
  later(() => sink.stop())
  const smtpPort = await sink.ask('open', undefined)
  const bare = await startPart<BareMailing>('bare-mailer')
  later(() => bare.stop())
  await bare.ask('open', { smtpPort, connections })
  const { redisUrl, logDir } = ground
  const env = { MAIL_CONNECTIONS: String(connections), JOBS_AT_ONCE: String(atOnce) }
  const settings = { databaseUrl, redisUrl, prefix: ground.newPrefix(), smtpPort, logDir, env }
  for (const name of ['relay', 'reset-mailer'] as const) {
    const service = await startService(name, settings)
    later(() => service.stop())
  }

  const bytes = { ours: 0, baseline: 0 }
  const rate = async (side: keyof typeof bytes, send: () => Promise<void>) => {
    await sink.ask('clear', undefined)
    const [found] = await Promise.all([sink.ask('until', { count }), send()])
    bytes[side] = Math.round(found.bytes / count)
    return (count - 1) / ((found.lastNs - found.firstNs) / 1e9)
  }
  let run = 0
  say(`${count} mails a round`)
  const found = await interleave(
    async () => {
      const emails = await makeAccounts(database, count, `m${(run += 1)}`)
      return rate('ours', () => requestAll(database, emails))
    },
    () => {
      const emails = Array.from({ length: count }, (_, place) => `m0-${place}@example.com`)
      return rate('baseline', () => bare.ask('send', { emails, atOnce }))
    },
  )
  if (Math.abs(bytes.ours / bytes.baseline - 1) > 0.02) {
    throw new Error(`the mails differ: ${bytes.ours} bytes and ${bytes.baseline} bytes`)
  }
  return [
    makeRow({
      name: 'reset-mail',
      ...found,
      unit: 'mails/s',
      goal: { ratioLeast: 0.85 },
      conditions: [
        `${count} mails of ${bytes.ours} bytes, first to last at the sink, median of ${roundCount} rounds in turn`,
        `requests are in the ledger when it starts; one relay, one reset-mailer, ${atOnce} jobs at a time`,
        `${connections} SMTP connections on both sides; the baseline renders the same template and sends, nothing else`,
        ...ground.conditions,
      ],
    }),
  ]
}
