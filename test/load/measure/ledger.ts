import type { BareQueue } from '../part/bare-queue.ts'
import type { Ledger } from '../part/ledger.ts'
import { startPart } from '../part.ts'
import { startService } from '../process.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'

const count = 10_000
const chunk = 500
const concurrency = 50

/** How many jobs a second go all the way: enqueued, published, worked on, done. */
export async function measureLedger({ ground, say, later }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const { redisUrl, logDir } = ground
  const prefix = ground.newPrefix()
  const relay = await startService('relay', { databaseUrl, redisUrl, prefix, logDir })
  later(() => relay.stop())
  const sides = {
    ours: [await startPart<Ledger>('ledger'), await startPart<Ledger>('ledger')] as const,
    baseline: [await startPart<BareQueue>('bare-queue'), await startPart<BareQueue>('bare-queue')] as const,
  }
  for (const part of [...sides.ours, ...sides.baseline]) later(() => part.stop())
  await sides.ours[0].ask('open', { databaseUrl })
  await sides.ours[1].ask('open', { databaseUrl, worker: { redisUrl, prefix, concurrency } })
  await sides.baseline[0].ask('open', { redisUrl, prefix })
  await sides.baseline[1].ask('open', { redisUrl, prefix, worker: { concurrency } })

  say(`${count} jobs a round`)
  const through = (enqueue: () => Promise<void>, until: () => Promise<void>) => async () => {
    const began = performance.now()
    await Promise.all([enqueue(), until()])
    return (count / (performance.now() - began)) * 1000
  }
  const found = await interleave(
    through(
      () => sides.ours[0].ask('enqueue', { count, chunk }),
      () => sides.ours[1].ask('until', { count }),
    ),
    through(
      () => sides.baseline[0].ask('enqueue', { count, chunk }),
      () => sides.baseline[1].ask('until', { count }),
    ),
  )
  return [
    makeRow({
      name: 'ledger',
      ...found,
      unit: 'jobs/s',
      goal: { ratioLeast: 0.5 },
      conditions: [
        `${count} jobs enqueued in chunks of ${chunk}, from the first enqueue to the last job done, median of ${roundCount} rounds in turn`,
        `one relay, one worker of ${concurrency} at a time; baseline: addBulk and one Worker, BullMQ alone`,
        'one job a message, empty handler in a transaction',
        ...ground.conditions,
      ],
    }),
  ]
}
