import { createLogger } from '@portcullis/runtime/log'
import { startMetrics } from '@portcullis/runtime/metrics'
import { Secret } from '@portcullis/runtime/secret'
import type { RunningService } from '@portcullis/runtime/service'
import { useDatabase } from '@portcullis/testkit/database'
import { enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { useRedis } from '@portcullis/testkit/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RelayConfig } from './config.ts'
import { observeLag } from './lag.ts'
import { createService } from './service.ts'

const store = useDatabase()
const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })
const running: RunningService[] = []
beforeEach(async () => {
  await store.database.sql`truncate jobs, queue_pauses`
  redis?.open()
  await redis?.flush()
})
afterEach(async () => {
  redis?.open()
  await Promise.all(running.splice(0).map((service) => service.stop()))
})

async function start(redisUrl: string | undefined): Promise<RunningService> {
  const config: RelayConfig = {
    DATABASE_URL: new Secret(store.url),
    DATABASE_POOL: 4,
    LOG_LEVEL: 'silent',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: 0,
    DRAIN_SECONDS: 25,
    OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
    REDIS_URL: redisUrl === undefined ? undefined : new Secret(redisUrl),
    QUEUE_PREFIX: redis?.prefix ?? 'none',
  }
  const service = await createService({ config, log, giveUp: () => {} })
  running.push(service)
  return service
}

const queued = () => redis!.client.lrange(`${redis!.prefix}:notifier:wait`, 0, -1)
const soon = { timeout: 8000, interval: 20 }

describe.runIf(redis)('a relay', () => {
  it('publishes what is committed, writes the ticks, and is ready while the store answers', async () => {
    const service = await start(redis!.url)
    expect(await service.ready()).toBe(true)
    const [id] = await enqueue(store.database, {})
    await vi.waitFor(async () => expect(await queued()).toContain(`${id}_1`), soon)
    await vi.waitFor(async () => {
      const ticks = (await readJobs(store.database)).filter((job) => job.message === 'purge.expired')
      expect(ticks.map((job) => job.hearer).sort()).toEqual(['sweeper'])
    }, soon)
  })

  it('two beside each other publish each job once, also across a flush', async () => {
    await start(redis!.url)
    await start(redis!.url)
    const ids = await enqueue(store.database, ...Array.from({ length: 50 }, () => ({})))
    const names = async (generation: number) =>
      (await queued()).filter((name) => name.endsWith(`_${generation}`)).sort()
    const mine = (all: string[], generation: number) => {
      const wanted = new Set(ids.map((id) => `${id}_${generation}`))
      return all.filter((name) => wanted.has(name))
    }
    await vi.waitFor(async () => expect(mine(await names(1), 1)).toEqual(ids.map((id) => `${id}_1`)), soon)
    // Both relays have seen their marker by now, or set it; then Redis forgets everything.
    await vi.waitFor(async () => expect(await redis!.client.exists(`${redis!.prefix}:ledger-marker`)).toBe(1), soon)
    await redis!.flush()
    await vi.waitFor(
      async () => expect((await queued()).filter((name) => ids.some((id) => name.startsWith(id)))).toHaveLength(50),
      soon,
    )
    const again = (await queued()).filter((name) => ids.some((id) => name.startsWith(id)))
    expect(new Set(again.map((name) => name.slice(0, 36)))).toEqual(new Set(ids))
  })

  it('waits while Redis is away, and publishes when it is back', async () => {
    redis!.shut()
    await start(redis!.url)
    const [id] = await enqueue(store.database, {})
    redis!.open()
    await vi.waitFor(async () => expect((await queued()).some((name) => name.startsWith(id!))).toBe(true), soon)
  })
})

it('a relay without Redis frees jobs whose taker vanished, and leaves the others to the ledger', async () => {
  const ids = await enqueue(store.database, {}, {})
  await store.database.sql`
    update jobs set state = 'published', generation = 1, published_at = now() - interval '3 s' where id = ${ids[0]!}`
  await start(undefined)
  await vi.waitFor(async () => {
    expect(await readJob(store.database, ids[0]!)).toMatchObject({ state: 'pending', code: 'lost' })
  }, soon)
  expect(await readJob(store.database, ids[1]!)).toMatchObject({ state: 'pending', generation: 0 })
})

it('a relay tells how far behind each service is', async () => {
  await enqueue(store.database, {}, {})
  await store.database.sql`update jobs set run_at = now() - interval '90 s'`
  await store.database.sql`insert into queue_pauses (hearer, message, reason) values ('notifier', '*', 'a test')`
  await observeLag(store.database)
  const metrics = await startMetrics({ service: 'relay', host: '127.0.0.1', port: 0, ready: async () => true, log })
  const text = await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text()
  await metrics.close()
  expect(text).toContain('portcullis_queue_due{hearer="notifier"} 2')
  expect(text).toMatch(/portcullis_queue_oldest_due_seconds\{hearer="notifier"\} 9\d/)
  expect(text).toContain('portcullis_queue_oldest_due_seconds{hearer="lockdown"} 0')
  expect(text).toContain('portcullis_queue_paused{hearer="notifier"} 1')
  expect(text).toContain('portcullis_queue_paused{hearer="lockdown"} 0')
})
