import { services } from '@portcullis/contracts/service'
import { freePort } from '@portcullis/local/free-port'
import { type ReadyProcess, startBareNode, startService } from '../process.ts'
import { median, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'

const bareName = 'bare Node'

/** How soon each service is ready, and the memory it holds then. */
export async function measureStart({ ground, say }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const { redisUrl, logDir } = ground
  const prefix = ground.newPrefix()
  const found = new Map<string, { readyMs: number; memoryMb: number }[]>()
  say(`${services.length} services, ${roundCount} starts each, one at a time`)
  const once = async (name: string, start: () => Promise<ReadyProcess>) => {
    const { readyMs, memoryMb, stop } = await start()
    await stop()
    found.set(name, [...(found.get(name) ?? []), { readyMs, memoryMb }])
  }
  for (let round = 0; round <= roundCount; round += 1) {
    await once(bareName, () => startBareNode(logDir))
    for (const name of services) {
      const gatewayPort = await freePort()
      await once(name, () => startService(name, { databaseUrl, redisUrl, prefix, gatewayPort, logDir }))
    }
  }
  // The first start of each reads its files from the disk.
  const middle = (name: string, of: 'readyMs' | 'memoryMb') =>
    median((found.get(name) ?? []).slice(1).map((one) => one[of]))
  const conditions = [
    `median of ${roundCount} starts, one service at a time, from its build, files in the page cache`,
    'from spawn to 200 on /readyz; memory: VmRSS at that moment, MB of 10^6 bytes',
    'baseline: a Node process that only answers /readyz',
    ...ground.conditions,
  ]
  return services.flatMap((name) => [
    makeRow({
      name: `start-${name}`,
      ours: middle(name, 'readyMs'),
      baseline: middle(bareName, 'readyMs'),
      unit: 'ms',
      goal: { none: true },
      conditions,
    }),
    makeRow({
      name: `memory-${name}`,
      ours: middle(name, 'memoryMb'),
      baseline: middle(bareName, 'memoryMb'),
      unit: 'MB',
      goal: { oursBelow: 90 },
      conditions,
    }),
  ])
}
