import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Redis, startRedis } from '@portcullis/local/redis'
import { jobIdOf } from '@portcullis/queue/queue-name'
import type { Id } from '@portcullis/contracts/ids'
import { createTestDatabase } from '@portcullis/testkit/database'
import { sharedRedisUrl } from '@portcullis/testkit/provided'
import { Queue } from 'bullmq'
import { Redis as RedisClient } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'
import { acceptedOf, askOnce } from './caller.ts'
import { counterOf } from './counter.ts'
import { expectKept, expectNoCrash, makeOwners, untilWorkedOff } from './oracle.ts'
import { openSink, type SmtpSink } from './smtp-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-redis-'))
const prefix = `f${randomBytes(6).toString('hex')}`
const awayMs = 8000
let store: Awaited<ReturnType<typeof createTestDatabase>>
let redis: Redis
let client: RedisClient
let sink: SmtpSink
let house: House
/** A second relay and a second reset-mailer, beside those of the house. */
let second: House

/** Asks for each and expects that all are accepted. */
async function ask(emails: readonly string[]): Promise<void> {
  const answers = await Promise.all(emails.map((email) => askOnce(house.gateway, email)))
  expect(acceptedOf(answers)).toEqual(emails)
}

/** What the reset-mailers said of where their jobs come from, in order. */
function sources(): string[] {
  const said =
    /"service":"reset-mailer".*"(?:redis answers: jobs come by (queue)|redis is away: jobs are taken from the (ledger))"/
  return house
    .logs()
    .split('\n')
    .flatMap((line) => {
      const found = said.exec(line)
      return found ? [String(found[1] ?? found[2])] : []
    })
}

describe.skipIf(sharedRedisUrl() === undefined)('the house and its Redis', () => {
  beforeAll(async () => {
    store = await createTestDatabase()
    const started = await startRedis({ dir: join(folder, 'redis'), durable: false })
    if ('unavailable' in started) throw new Error(started.unavailable)
    redis = started
    client = new RedisClient(redis.url, { maxRetriesPerRequest: null })
    client.on('error', () => {})
    sink = await openSink()
    // Few at a time, so that both mailers get their share.
    const env = {
      QUEUE_PREFIX: prefix,
      MASTER_KEY: randomBytes(32).toString('base64url'),
      JOBS_AT_ONCE: '3',
    }
    const shared = { databaseUrl: store.url, redisUrl: redis.url, smtpUrl: sink.url, env }
    house = await openHouse(shared)
    second = await openHouse({ ...shared, services: ['relay', 'reset-mailer'] })
  })
  afterAll(async () => {
    await Promise.all([house?.close(), second?.close()])
    await sink?.close()
    client?.disconnect()
    await redis?.stop()
    await store?.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('two relays and two reset-mailers send each mail once', async () => {
    sink.hold(30)
    const emails = await makeOwners(store.database, 60)
    await ask(emails)
    await untilWorkedOff(store.database)
    expect(await expectKept(store.database, sink, emails)).toEqual({ accepted: 60, extraCopies: 0 })
    for (const one of [house, second]) {
      expect(
        await counterOf(one.metrics('reset-mailer'), 'portcullis_jobs_ended_total', 'reset.requested'),
      ).toBeGreaterThan(0)
    }
  })

  it('SIGTERM with mails in flight: all are drained, the exit code is 0, and none is lost or sent twice', async () => {
    sink.hold(300)
    const emails = await makeOwners(store.database, 20)
    await ask(emails)
    await until('mails are in flight', async () => sink.holding() >= 4)
    const [mailer, relay] = [second.service('reset-mailer'), second.service('relay')]
    await Promise.all([mailer.stop(20_000), relay.stop(20_000)])
    for (const service of [mailer, relay]) expect((await service.stopped).exit).toEqual({ code: 0, signal: null })
    sink.hold(0)
    await untilWorkedOff(store.database)
    expect(await expectKept(store.database, sink, emails)).toEqual({ accepted: 20, extraCopies: 0 })
  })

  it('the same job delivered again and again, under this and other generations, is mailed once', async () => {
    sink.hold(400)
    const emails = await makeOwners(store.database, 3)
    const ignoredBefore = await counterOf(house.metrics('reset-mailer'), 'portcullis_deliveries_ignored_total')
    await ask(emails)
    await until('the mails are in flight', async () => sink.holding() === 3)
    const rows = await store.database.sql<{ id: Id<'job'>; generation: number }[]>`
      select id, generation from jobs where state = 'published' and message = 'reset.requested'`
    expect(rows).toHaveLength(3)
    const queue = new Queue('reset-mailer', { connection: client, prefix })
    const again = async (): Promise<unknown> =>
      queue.addBulk(
        rows.flatMap(({ id, generation }) =>
          [0, 1, 2, 3, 4].map((ahead) => ({
            name: 'reset.requested',
            data: {},
            opts: { jobId: jobIdOf({ id, generation: generation + ahead - 1 }), removeOnComplete: true },
          })),
        ),
      )
    await Promise.all([again(), again(), again()])
    await until('the queue is empty', async () => (await queue.getJobCountByTypes('wait', 'active')) === 0)
    // The generation that was the right one, now that its work is done.
    await again()
    await until('the queue is empty again', async () => (await queue.getJobCountByTypes('wait', 'active')) === 0)
    await queue.close()
    await untilWorkedOff(store.database)
    expect(await expectKept(store.database, sink, emails)).toEqual({ accepted: 3, extraCopies: 0 })
    const ignored = await counterOf(house.metrics('reset-mailer'), 'portcullis_deliveries_ignored_total')
    expect(ignored - ignoredBefore).toBeGreaterThanOrEqual(12)
    expect(
      await store.database.sql`select id from jobs where id = any(${rows.map((row) => row.id)}) and attempts <> 1`,
    ).toEqual([])
  })

  it('a flush of an idle Redis stops neither ticks nor new jobs', async () => {
    sink.hold(0)
    await client.flushall()
    const emails = await makeOwners(store.database, 3)
    await ask(emails)
    // As if the next time slot had come.
    await store.database.sql`delete from jobs where slot is not null`
    await until('the tick is written anew and done', async () => {
      const ticks = await store.database.sql`select id from jobs where message = 'purge.expired' and state = 'done'`
      return ticks.length === 1
    })
    await untilWorkedOff(store.database)
    expect(await expectKept(store.database, sink, emails)).toEqual({ accepted: 3, extraCopies: 0 })
  })

  it('while Redis is away the mails go on, straight from the ledger; afterwards the queue is used again', async () => {
    expect(sources().at(-1)).toBe('queue')
    const emails = await makeOwners(store.database, 400)
    const asked: string[] = []
    await redis.kill()
    const killedMs = performance.now()
    let slowestMs = 0
    await until(
      'Redis was away long enough, and mails were sent meanwhile',
      async () => {
        const email = String(emails[asked.length])
        const beganMs = performance.now()
        await ask([email])
        asked.push(email)
        await until(`a mail while Redis is away`, async () => sink.copiesFor(email).length > 0)
        slowestMs = Math.max(slowestMs, performance.now() - beganMs)
        return performance.now() - killedMs > awayMs
      },
      awayMs + 10_000,
    )
    expect(slowestMs).toBeLessThan(5000)
    expect(sources().at(-1)).toBe('ledger')
    const cameByLedger = asked.length

    await redis.restart()
    await until('the worker is back on its queue', async () => sources().at(-1) === 'queue')
    const seenBefore = await commandsOf('evalsha')
    const more = emails.slice(cameByLedger, cameByLedger + 5)
    await ask(more)
    await untilWorkedOff(store.database)
    // BullMQ adds and takes jobs by scripts.
    expect(await commandsOf('evalsha')).toBeGreaterThan(seenBefore)
    expect(await expectKept(store.database, sink, [...asked, ...more])).toEqual({
      accepted: asked.length + 5,
      extraCopies: 0,
    })
    expectNoCrash(house.logs() + second.logs())
  })
})

describe('a house without any Redis', () => {
  it('works wholly, straight from the ledger', async () => {
    const own = await createTestDatabase()
    const inbox = await openSink()
    const alone = await openHouse({ databaseUrl: own.url, redisUrl: undefined, smtpUrl: inbox.url })
    try {
      const emails = await makeOwners(own.database, 20)
      const answers = await Promise.all(emails.map((email) => askOnce(alone.gateway, email)))
      expect(acceptedOf(answers)).toEqual(emails)
      await until('every mail is there', async () => inbox.taken.length === 20)
      await untilWorkedOff(own.database)
      expect(await expectKept(own.database, inbox, emails)).toEqual({ accepted: 20, extraCopies: 0 })
      const [email] = emails
      const body = { token: inbox.copiesFor(String(email))[0]?.token, password: 'Another-Fine-9-Day' }
      expect((await alone.post('/v1/password-resets/completions', body)).status).toBe(204)
      await until('the owner is told', async () => inbox.copiesFor(String(email)).length === 2)
      const ticks = async () => own.database.sql`select id from jobs where message = 'purge.expired' and state = 'done'`
      await until('the ticks are done', async () => (await ticks()).length === 1)
      expectNoCrash(alone.logs())
    } finally {
      await alone.close()
      await inbox.close()
      await own.drop()
    }
  })
})

/** How often Redis has run a command since it started. */
async function commandsOf(name: string): Promise<number> {
  const told = await client.info('commandstats')
  return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(told)?.[1] ?? 0)
}
