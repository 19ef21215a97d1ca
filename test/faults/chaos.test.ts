import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Redis, startRedis } from '@portcullis/local/redis'
import { createTestDatabase } from '@portcullis/testkit/database'
import { sharedRedisUrl } from '@portcullis/testkit/provided'
import { Redis as RedisClient } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, type ServiceName, until } from '../house.ts'
import { acceptedOf, type Answered, askOnce, askUntilAccepted } from './caller.ts'
import { expectKept, expectNoCrash, makeOwners, untilWorkedOff } from './oracle.ts'
import { openSink, type SmtpSink } from './smtp-sink.ts'

/** The schedule of faults follows from it. Give another as FAULT_SEED to see another. */
const seed = Number(process.env['FAULT_SEED'] ?? 20_261_122)
/** Requests before each fault. */
const burst = 6
/** A supervisor gives a service up at its sixth end within a minute. */
const kills = { 'reset-mailer': 4, relay: 3, gateway: 3 } as const
const flushes = 3

type Fault = 'flush' | keyof typeof kills

const folder = mkdtempSync(join(tmpdir(), 'portcullis-chaos-'))
let store: Awaited<ReturnType<typeof createTestDatabase>>
let redis: Redis
let client: RedisClient
let sink: SmtpSink
let house: House

describe.skipIf(sharedRedisUrl() === undefined)('with reset mails in flight', () => {
  beforeAll(async () => {
    store = await createTestDatabase()
    const started = await startRedis({ dir: join(folder, 'redis'), durable: false })
    if ('unavailable' in started) throw new Error(started.unavailable)
    redis = started
    client = new RedisClient(redis.url)
    sink = await openSink()
    house = await openHouse({
      databaseUrl: store.url,
      redisUrl: redis.url,
      smtpUrl: sink.url,
      env: { MAIL_TIMEOUT_MS: '1000', MAIL_CONNECTIONS: '4' },
    })
  })
  afterAll(async () => {
    await house?.close()
    await sink?.close()
    client?.disconnect()
    await redis?.stop()
    await store?.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('flushes of Redis and killed services lose no accepted request, and no token is made twice', async ({
    annotate,
  }) => {
    const random = randomOf(seed)
    const schedule = makeSchedule(random)
    const emails = await makeOwners(store.database, schedule.length * burst)
    const answers: Answered[] = []
    // Slow enough that mails are in flight when the fault comes.
    sink.hold(150)
    for (const [step, fault] of schedule.entries()) {
      await until(
        'the gateway is ready',
        async () => (await fetch(`${house.metrics('gateway')}/readyz`).catch(() => undefined))?.ok,
      )
      const asked = emails.slice(step * burst, (step + 1) * burst).map((email, place) =>
        // Every other caller repeats under one key, so that it knows in the end.
        place % 2 === 0 ? askOnce(house.gateway, email) : askUntilAccepted(house.gateway, email),
      )
      if (random() < 0.5) await Promise.race(asked)
      else await until('a mail is in flight', async () => sink.holding() > 0, 30_000)
      await strike(fault)
      answers.push(...(await Promise.all(asked)))
    }
    sink.hold(0)
    const seconds = await untilWorkedOff(store.database)
    const kept = await expectKept(store.database, sink, acceptedOf(answers), emails)
    expectNoCrash(house.logs())
    expect(kept.accepted, 'accepted requests').toBeGreaterThan(emails.length / 2)
    expect(seconds, 'seconds to recover').toBeLessThan(45)
    const told = { seed, asked: emails.length, ...kept, recoveredSeconds: Math.round(seconds * 10) / 10 }
    await annotate(JSON.stringify(told))
    console.info('chaos', told)
  }, 120_000)
})

async function strike(fault: Fault): Promise<void> {
  if (fault === 'flush') await client.flushall()
  else
    await until(`${fault} is there to be killed`, async () =>
      house.service(fault satisfies ServiceName).kill('SIGKILL'),
    )
}

/** All faults in an order of chance. */
function makeSchedule(random: () => number): Fault[] {
  const faults: Fault[] = Array.from({ length: flushes }, () => 'flush')
  for (const [name, count] of Object.entries(kills)) {
    for (let left: number = count; left > 0; left -= 1) faults.push(name as keyof typeof kills)
  }
  return faults
    .map((fault) => ({ fault, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ fault }) => fault)
}

/** Mulberry32: small, and the same everywhere for the same seed. */
function randomOf(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
