import { randomBytes } from 'node:crypto'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { createTestDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, type HouseOptions, openHouse, until } from '../house.ts'

const password = 'Correct-Horse-7-Battery'
const [first, second] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url'))

let store: Awaited<ReturnType<typeof createTestDatabase>>
let email = ''
beforeAll(async () => {
  store = await createTestDatabase()
  const passwordHash = await createPasswordHasher({ atOnceMost: 1, queueMost: 1 }).hash(password)
  email = (await makeAccount(store.database, { passwordHash })).email
})
afterAll(() => store?.drop())

it('the master key is rotated and the old one withdrawn, and the codes of an owner open as before', async () => {
  const secret = await inHouse({ MASTER_KEY: first }, enrol)
  const [before] = await sealed()
  await inHouse({ MASTER_KEY: second, MASTER_KEYS_OLD: first }, async (house) => {
    expect(await logIn(house, secret)).toBe(201)
    await until('all secrets are sealed anew', async () => (await sealed())[0] !== before)
    await until('the sweeper says so', async () => /"left":0/.test(house.logs()))
    expect(await metricOf(house, 'portcullis_secrets_outdated{table="totp_factors",column="secret_sealed"}')).toBe(0)
    expect(await logIn(house, secret)).toBe(201)
  })
  await inHouse({ MASTER_KEY: second }, async (house) => expect(await logIn(house, secret)).toBe(201))
  await inHouse({ MASTER_KEY: first }, async (house) => expect(await logIn(house, secret)).toBe(500))
}, 120_000)

async function inHouse<T>(keys: Record<string, string | undefined>, work: (house: House) => Promise<T>): Promise<T> {
  const env = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key ?? '']))
  // A relay writes a tick once in five minutes: the first one must find work.
  const rotating = keys['MASTER_KEYS_OLD'] !== undefined
  const services: HouseOptions['services'] = rotating ? ['gateway', 'relay', 'sweeper'] : ['gateway']
  const house = await openHouse({ services, env, databaseUrl: store.url })
  try {
    return await work(house)
  } finally {
    await house.close()
  }
}

async function enrol(house: House): Promise<string> {
  const { token } = await answerOf(await house.post('/v1/sessions', { email, password }))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const { secret } = await answerOf(await house.post('/v1/account/two-factor', undefined, headers))
  const code = authenticatorCode(secret ?? '', new Date())
  const body = JSON.stringify({ code })
  const confirmed = await fetch(`${house.gateway}/v1/account/two-factor`, { method: 'PUT', headers, body })
  expect(confirmed.status).toBe(200)
  return secret ?? ''
}

async function logIn(house: House, secret: string): Promise<number> {
  // As if the last code were long ago: each opens once.
  await store.database.sql`update totp_factors set last_step = null`
  const { challenge } = await answerOf(await house.post('/v1/sessions', { email, password }))
  const code = authenticatorCode(secret, new Date())
  const answer = await house.post('/v1/sessions/two-factor', { challenge, code })
  await answer.body?.cancel()
  return answer.status
}

async function sealed(): Promise<string[]> {
  const rows = await store.database.sql<{ text: string }[]>`select secret_sealed as text from totp_factors`
  return rows.map((row) => row.text)
}

async function metricOf(house: House, name: string): Promise<number> {
  const text = await (await fetch(`${house.metrics('sweeper')}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length) ?? Number.NaN,
  )
}

async function answerOf(response: Response): Promise<Record<string, string | undefined>> {
  return (await response.json()) as Record<string, string | undefined>
}
