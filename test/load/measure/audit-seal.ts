import type { AuditWriter } from '../part/audit-writer.ts'
import { type Part, startPart } from '../part.ts'
import { startService } from '../process.ts'
import { interleave } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'

const connections = 24
const wantedPerSecond = 5000
const pacedSeconds = 20
const roundSeconds = 6
const rounds = 5

/** How soon events are sealed while 5,000 a second are written, and what sealing costs those who write them, or write as fast as they can. */
export async function measureAuditSeal({ ground, say, later }: Bench): Promise<Row[]> {
  const { redisUrl, logDir } = ground
  const sides: Part<AuditWriter>[] = []
  for (const hasSealer of [true, false]) {
    const databaseUrl = await ground.makeDatabase()
    const settings = { databaseUrl, redisUrl, prefix: ground.newPrefix(), logDir }
    const services = [await startService('relay', settings)]
    if (hasSealer) services.push(await startService('sweeper', settings))
    for (const service of services) later(() => service.stop())
    const writer = await startPart<AuditWriter>('audit-writer')
    later(() => writer.stop())
    await writer.ask('open', { databaseUrl, connections })
    sides.push(writer)
  }
  const [sealed, unsealed] = sides
  if (!sealed || !unsealed) throw new Error('two sides')

  say(`${wantedPerSecond} events a second for ${pacedSeconds} s`)
  await sealed.ask('write', { seconds: 3, perSecond: 50 })
  await sealed.ask('untilSealed', { seconds: 60 })
  const calm = await sealed.ask('lag', { afterSequence: 0 })
  const paced = await sealed.ask('write', { seconds: pacedSeconds, perSecond: wantedPerSecond })
  await sealed.ask('untilSealed', { seconds: 60 })
  const busy = await sealed.ask('lag', { afterSequence: calm.lastSequence })
  const written = Math.round(paced.events / paced.seconds)

  say(`what writers wait at ${wantedPerSecond} events a second, ${rounds} rounds`)
  const wait = async (writer: Part<AuditWriter>) => {
    const { meanMs } = await writer.ask('write', { seconds: roundSeconds, perSecond: wantedPerSecond })
    await sealed.ask('untilSealed', { seconds: 120 })
    return meanMs
  }
  const waits = await interleave(
    () => wait(sealed),
    () => wait(unsealed),
    rounds,
  )

  say(`as fast as they can, ${rounds} rounds`)
  const perSecond = async (writer: Part<AuditWriter>) => {
    const { events, seconds } = await writer.ask('write', { seconds: roundSeconds })
    return events / seconds
  }
  const cost = await interleave(
    async () => {
      const figure = await perSecond(sealed)
      // What is left over must not fall on the other side.
      await sealed.ask('untilSealed', { seconds: 120 })
      return figure
    },
    () => perSecond(unsealed),
    rounds,
  )
  const writing = `${connections} connections, 20 events a transaction, as requests that were gathered record them`
  return [
    makeRow({
      name: 'audit-seal',
      ours: busy.p99,
      baseline: calm.p99,
      unit: 's',
      goal: written >= wantedPerSecond * 0.98 ? { oursBelow: 5 } : { none: true },
      conditions: [
        `from an event to its seal, p99, while ${written} events/s were written for ${pacedSeconds} s (p50 ${busy.p50.toFixed(2)} s); the sealer ticks every 2 s`,
        'baseline: the same at 50 events/s',
        writing,
        ...ground.conditions,
      ],
    }),
    makeRow({
      name: 'audit-seal-wait',
      ...waits,
      unit: 'ms',
      goal: { ratioMost: 1.05 },
      conditions: [
        `mean time of a transaction that records 20 events, at ${wantedPerSecond} events/s, with the sealer at work and without; median of ${rounds} rounds of ${roundSeconds} s in turn`,
        writing,
        ...ground.conditions,
      ],
    }),
    makeRow({
      name: 'audit-seal-cost',
      ...cost,
      unit: 'events/s',
      goal: { ratioLeast: 0.95 },
      conditions: [
        `events recorded with the sealer at work and without, as fast as they can; median of ${rounds} rounds of ${roundSeconds} s in turn`,
        writing,
        ...ground.conditions,
      ],
    }),
  ]
}
