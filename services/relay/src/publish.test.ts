import type { Dispatch } from '@portcullis/db/queries/job'
import { createPublisher, type Publisher } from '@portcullis/queue/publisher'
import { createLogger } from '@portcullis/runtime/log'
import { useDatabase } from '@portcullis/testkit/database'
import { enqueue, readJobs } from '@portcullis/testkit/ledger'
import { useRedis } from '@portcullis/testkit/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { publishDueJobs } from './publish.ts'

const store = useDatabase()
const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })
const open: Publisher[] = []
beforeEach(async () => {
  await store.database.sql`truncate jobs`
  redis?.open()
  await redis?.flush()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

/** A publisher whose Redis has answered. */
async function publisher(windowJobs = 2000): Promise<Publisher> {
  const answered = Promise.withResolvers<void>()
  const made = createPublisher({
    redisUrl: redis!.url,
    hearers: ['notifier', 'reset-mailer'],
    log,
    prefix: redis!.prefix,
    windowJobs,
    onChange: (answers) => answers && answered.resolve(),
  })
  open.push(made)
  await answered.promise
  return made
}

/** Names of what waits in the notifier's queue, first in first. */
const queued = async () => (await redis!.client.lrange(`${redis!.prefix}:notifier:wait`, 0, -1)).toReversed()

/** A publisher that does its work, and then, or instead, fails. */
function failing(real: Publisher, when: 'before' | 'half-way' | 'after'): Publisher {
  return {
    ...real,
    async publish(dispatches: readonly Dispatch[]) {
      if (when === 'half-way') await real.publish(dispatches.slice(0, dispatches.length / 2))
      if (when === 'after') await real.publish(dispatches)
      throw new Error('the connection went')
    },
  }
}

describe.runIf(redis)('a round of publishing', () => {
  it('hands due jobs to their queues in order of urgency, each under its generation', async () => {
    const ids = await enqueue(store.database, { priority: 20 }, { priority: 0 }, { delayMs: 60_000 }, { priority: 10 })
    expect(await publishDueJobs(store.database, await publisher())).toBe(false)
    expect(await queued()).toEqual([`${ids[1]}_1`, `${ids[3]}_1`, `${ids[0]}_1`])
    expect((await readJobs(store.database)).map((job) => job.state)).toEqual([
      'published',
      'published',
      'pending',
      'published',
    ])
  })

  it.each(['before', 'half-way', 'after'] as const)('that fails %s the jobs were added loses none', async (when) => {
    const ids = await enqueue(store.database, {}, {}, {}, {})
    const real = await publisher()
    await expect(publishDueJobs(store.database, failing(real, when))).rejects.toThrow('the connection went')
    expect((await readJobs(store.database)).map((job) => job.state)).toEqual(ids.map(() => 'pending'))
    await publishDueJobs(store.database, real)
    const names = await queued()
    // What was added the first time is out of date now; the newest generation of each is there once.
    expect(names.filter((name) => name.endsWith('_2')).sort()).toEqual(ids.map((id) => `${id}_2`))
    expect((await readJobs(store.database)).map((job) => [job.state, job.generation])).toEqual(
      ids.map(() => ['published', 2]),
    )
  })

  it('by two relays at once publishes each job once', async () => {
    const ids = await enqueue(store.database, ...Array.from({ length: 300 }, () => ({})))
    const relays = [await publisher(), await publisher()]
    const pools = [store.connect('one'), store.connect('two')]
    await Promise.all([0, 1, 0, 1].map((relay) => publishDueJobs(pools[relay]!, relays[relay]!)))
    await Promise.all(pools.map((pool) => pool.close()))
    expect((await queued()).sort()).toEqual(ids.map((id) => `${id}_1`))
    expect((await readJobs(store.database)).every((job) => job.generation === 1)).toBe(true)
  })

  it('leaves in the ledger what its queue has no room for: there urgency still counts', async () => {
    await enqueue(store.database, ...Array.from({ length: 5 }, () => ({ priority: 20 })))
    const small = await publisher(3)
    expect(await publishDueJobs(store.database, small)).toBe(true)
    expect(await publishDueJobs(store.database, small)).toBe(false)
    const [urgent] = await enqueue(store.database, { priority: 0 })
    expect(await queued()).toHaveLength(3)
    await redis!.client.del(`${redis!.prefix}:notifier:wait`)
    await publishDueJobs(store.database, small)
    expect((await queued())[0]).toBe(`${urgent}_1`)
  })

  it('says that there is more when it handed out as much as it may', async () => {
    await enqueue(store.database, ...Array.from({ length: 501 }, () => ({})))
    const one = await publisher()
    expect(await publishDueJobs(store.database, one)).toBe(true)
    expect(await publishDueJobs(store.database, one)).toBe(false)
    expect(await queued()).toHaveLength(501)
  })

  it('takes nothing from the ledger while Redis is away', async () => {
    await enqueue(store.database, {})
    const one = await publisher()
    redis!.shut()
    await vi.waitFor(() => expect(one.answers()).toBe(false), { timeout: 3000, interval: 10 })
    expect(await publishDueJobs(store.database, one)).toBe(false)
    expect(await readJobs(store.database)).toMatchObject([{ state: 'pending', generation: 0 }])
  })
})
