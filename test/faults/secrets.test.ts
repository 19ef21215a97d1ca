import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Redis, startRedis } from '@portcullis/local/redis'
import { createTestDatabase } from '@portcullis/testkit/database'
import { sharedRedisUrl } from '@portcullis/testkit/provided'
import { Redis as RedisClient } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'
import { type Canary, findSecrets, type Place } from './find-secret.ts'
import { untilWorkedOff } from './oracle.ts'
import { readRedis } from './read-redis.ts'
import { openSink, type SmtpSink } from './smtp-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-secrets-'))
const services = ['gateway', 'relay', 'reset-mailer', 'notifier'] as const
/** Each with characters that its forms write differently. */
const email = 'quill.canary+7@zephyr.example'
const stranger = 'nobody.canary+8@zephyr.example'
const refused = 'refused.canary+9@zephyr.example'
const passwords = {
  registered: 'Wharf"Lantern\\7/Osprey',
  chosen: 'Gimlet"Harrow\\9/Tundra',
  weak: 'osprey"canary/7',
}

let store: Awaited<ReturnType<typeof createTestDatabase>>
let redis: Redis
let client: RedisClient
let monitor: RedisClient
let sink: SmtpSink
let house: House
const commands: string[] = []
const redisPlaces: Place[] = []
const answers: string[] = []

/** Calls the gateway, expects the status, and keeps what it said. */
async function call(path: string, body: unknown, status: number, headers: Record<string, string> = {}): Promise<void> {
  const response = await house.post(path, body, headers)
  answers.push([...response.headers].join(' ') + (await response.text()))
  expect(response.status, path).toBe(status)
}

async function tokenFor(address: string, count: number): Promise<string> {
  const mail = await until(`mail ${count} for the owner`, async () => sink.copiesFor(address)[count - 1])
  return String(mail.token)
}

/** The whole way of a password, with what goes wrong on it. Gives the mailed tokens. */
async function walk(): Promise<{ verify: string; void: string; reset: string }> {
  const name = 'Ada Owner'
  const key = { 'idempotency-key': 'the-first-key' }
  await call('/v1/accounts', { email, password: passwords.weak, name: '' }, 422)
  await call('/v1/accounts', { email, password: passwords.weak, name }, 422)
  await call('/v1/accounts', { email, password: passwords.registered, name }, 202, key)
  await call('/v1/accounts', { email, password: passwords.registered, name }, 202, key)
  await call('/v1/accounts', { email, password: passwords.chosen, name }, 422, key)
  const verify = await tokenFor(email, 1)
  await call('/v1/email-verifications', { token: verify }, 204)
  await call('/v1/email-verifications', { token: verify }, 422)
  // The owner of the address is told that there is an account.
  await call('/v1/accounts', { email, password: passwords.registered, name }, 202)
  await until('the mail for the owner', async () => sink.copiesFor(email).length === 2)

  sink.resetAfterDot(email)
  await call('/v1/password-resets', { email }, 202, { 'idempotency-key': 'the-second-key' })
  await call('/v1/password-resets', { email: stranger }, 202)
  const overtaken = await tokenFor(email, 4)
  sink.hold(300)
  await call('/v1/password-resets', { email: email.toUpperCase() }, 202)
  const reset = await tokenFor(email, 5)
  redisPlaces.push(...(await readRedis(client)))
  sink.hold(0)
  await call('/v1/password-resets/completions', { token: overtaken, password: passwords.chosen }, 422)
  await call('/v1/password-resets/completions', { token: reset, password: passwords.weak }, 422)
  await call('/v1/password-resets/completions', { token: reset, password: passwords.chosen }, 204)
  await call('/v1/password-resets/completions', { token: reset, password: passwords.registered }, 422)
  await until('the owner is told', async () => sink.copiesFor(email).length === 6)

  // Trouble, which makes logs talk.
  sink.refuse(refused)
  await call('/v1/accounts', { email: refused, password: passwords.registered, name }, 202)
  await until('it was refused', async () => sink.triesOf(refused) === 1)
  await fetch(`${house.gateway}/v1/password-resets?email=${encodeURIComponent(email)}`, { method: 'POST' })
  await fetch(`${house.gateway}/v1/password-resets/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"token":"${reset}","password":"${passwords.chosen}`,
  })
  await failAll()
  await untilWorkedOff(store.database)
  return { verify, void: overtaken, reset }
}

/** Takes Redis away and cuts the connections to the store, with requests on the way, until services complain of both. */
async function failAll(): Promise<void> {
  redisPlaces.push(...(await readRedis(client)))
  monitor.disconnect()
  client.disconnect()
  await redis.kill()
  await until('services complain', async () => {
    const asked = [1, 2, 3, 4].map(() => house.post('/v1/password-resets', { email }))
    await store.database.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name <> 'portcullis test'`
    for (const one of asked) answers.push(await (await one).text())
    return house.logs().includes('"level":"debug"') && house.logs().includes('the store is away')
  })
}

async function readTables(): Promise<Map<string, string>> {
  const tables = await store.database.sql<{ name: string }[]>`
    select table_schema || '.' || table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`
  const texts = new Map<string, string>()
  for (const { name } of tables) {
    // Rows as Postgres writes them, and as JSON: neither form may hide anything.
    const rows = await store.database.sql.unsafe(`select t::text as row, to_json(t)::text as json from ${name} as t`)
    texts.set(name.replace('public.', ''), rows.map((one) => `${one['row']}\n${one['json']}`).join('\n'))
  }
  return texts
}

describe.skipIf(sharedRedisUrl() === undefined)('after the whole way of a password', () => {
  let tokens: Canary[]
  let tables: Map<string, string>
  const addresses: Canary[] = [
    { name: 'address', value: email },
    { name: 'address of nobody', value: stranger },
    { name: 'refused address', value: refused },
    // What is left of it when only the @ was masked.
    ...[email, stranger, refused].map((one) => ({ name: 'local part', value: String(one.split('@')[0]) })),
  ]
  const secrets: Canary[] = Object.entries(passwords).map(([name, value]) => ({ name: `password ${name}`, value }))

  beforeAll(async () => {
    store = await createTestDatabase()
    const started = await startRedis({ dir: join(folder, 'redis'), durable: false })
    if ('unavailable' in started) throw new Error(started.unavailable)
    redis = started
    client = new RedisClient(redis.url)
    monitor = await client.monitor()
    monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')))
    sink = await openSink()
    house = await openHouse({
      databaseUrl: store.url,
      redisUrl: redis.url,
      smtpUrl: sink.url,
      env: { MAIL_TIMEOUT_MS: '2000', LOG_REQUESTS: 'true' },
    })
    const mailed = await walk()
    tokens = Object.entries(mailed).map(([name, value]) => ({ name: `token ${name}`, value }))
    tables = await readTables()
  }, 90_000)
  afterAll(async () => {
    await house?.close()
    await sink?.close()
    monitor?.disconnect()
    client?.disconnect()
    await redis?.stop()
    await store?.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  const all = (): Canary[] => [...tokens, ...secrets, ...addresses]

  it('nothing secret was ever in Redis', () => {
    expect(redisPlaces.length).toBeGreaterThan(3)
    expect(commands.some((command) => command.includes('reset.requested'))).toBe(true)
    const places = [...redisPlaces, { where: 'redis monitor', text: commands.join('\n') }]
    expect(findSecrets(places, all())).toEqual([])
  })

  it('nothing secret is in a log at debug level, on a metrics page or in an answer', async () => {
    expect(house.logs()).toContain('"level":"debug"')
    expect(house.logs()).toContain('job is dead')
    const places: Place[] = [
      { where: 'logs', text: house.logs() },
      { where: 'answers', text: answers.join('\n') },
    ]
    for (const service of services) {
      places.push({ where: service, text: await (await fetch(`${house.metrics(service)}/metrics`)).text() })
    }
    expect(findSecrets(places, all())).toEqual([])
  })

  it('nothing secret is in the ledger, in audit events, mail records or idempotency keys', () => {
    const places = ['jobs', 'audit_events', 'mail_deliveries', 'idempotency_keys'].map((name) => ({
      where: name,
      text: String(tables.get(name)),
    }))
    for (const place of places) expect(place.text.length, place.where).toBeGreaterThan(100)
    expect(findSecrets(places, all())).toEqual([])
  })

  it('no token and no password is in any table, and addresses only where accounts are kept', () => {
    expect(tables.size).toBeGreaterThanOrEqual(9)
    const places = [...tables].map(([where, text]) => ({ where, text }))
    expect(findSecrets(places, [...tokens, ...secrets])).toEqual([])
    const holders = new Set(findSecrets(places, addresses).map((found) => found.where))
    expect([...holders].sort()).toEqual(['accounts', 'registrations'])
  })

  it('the mail has the tokens: the search finds what is there', () => {
    const places = [{ where: 'mail', text: sink.taken.map((mail) => `${mail.to}\n${mail.text}`).join('\n') }]
    const found = new Set(findSecrets(places, all()).map((one) => one.canary))
    for (const { name } of tokens) expect(found).toContain(name)
    expect(found).toContain('address')
    for (const { name } of secrets) expect(found).not.toContain(name)
  })
})

describe('the search', () => {
  const value = 'Gimlet"Harrow\\9/Tundra+x@y'
  const around = (text: string): string => `{"a":"before-${text}-after"}`

  it.each([
    ['as it is', around(value)],
    ['in another letter case', around(value.toUpperCase())],
    ['in hex', around(Buffer.from(`ab${value}c`).toString('hex'))],
    ['in hex, upper case', around(Buffer.from(value).toString('hex').toUpperCase())],
    ['in JSON', JSON.stringify({ value })],
    ['in JSON inside JSON', JSON.stringify({ value: JSON.stringify({ value }) })],
    ['in a URL', around(encodeURIComponent(value))],
    ['in a form', around(String(new URLSearchParams({ value })))],
    ...['', 'x', 'xy', 'xyz'].flatMap((before): [string, string][] => [
      [`in Base64 behind ${before.length}`, around(Buffer.from(`${before}${value}!?`).toString('base64'))],
      [`in Base64url behind ${before.length}`, around(Buffer.from(`${before}${value}!?`).toString('base64url'))],
    ]),
  ])('finds a canary %s', (_how, text) => {
    expect(findSecrets([{ where: 'planted', text }], [{ name: 'planted', value }])).not.toEqual([])
  })

  it('finds nothing where nothing is', () => {
    expect(findSecrets([{ where: 'clean', text: around('Gimlet Harrow') }], [{ name: 'planted', value }])).toEqual([])
  })

  it.skipIf(sharedRedisUrl() === undefined)('reads every kind of value that Redis can hold', async () => {
    const own = new RedisClient(String(sharedRedisUrl()))
    const key = `planted:${folder.slice(-6)}`
    await Promise.all([
      own.set(`${key}:string`, value),
      own.rpush(`${key}:list`, 'x', value),
      own.sadd(`${key}:set`, value),
      own.zadd(`${key}:zset`, 1, value),
      own.hset(`${key}:hash`, 'field', value),
      own.xadd(`${key}:stream`, '*', 'field', value),
      own.set(`${key}:${value}`, 'in its name'),
    ])
    const places = (await readRedis(own)).filter((place) => place.where.includes(key))
    const found = new Set(findSecrets(places, [{ name: 'planted', value }]).map((one) => one.where))
    await own.del(await own.keys(`${key}*`))
    await own.quit()
    expect(found.size).toBe(7)
  })
})
