import { pbkdf2Sync } from 'node:crypto'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { makeAccount } from '@portcullis/testkit/factory'
import { judgeTiming } from '@portcullis/testkit/timing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, openHouse } from '../house.ts'

/**
 * A failed login takes the same time whether the address is unknown, has a hash of ours, or one that was imported and takes
 * much longer (OWASP ASVS 5 6.3.8). Measured on the real gateway process, the three kinds in an order drawn anew each time.
 */
const samples = 30
const warmUps = 3
const kinds = ['unknown', 'own', 'imported'] as const
type Kind = (typeof kinds)[number]

let house: House
const addresses = { unknown: 'nobody@example.com', own: '', imported: '' }
const password = 'Correct-Horse-7-Battery'
/** About three times what a hash of ours takes. */
const rounds = 200_000

function importedHash(): string {
  const [salt, text] = [Buffer.alloc(16, 5), (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')]
  return `$pbkdf2-sha256$i=${rounds}$${text(salt)}$${text(pbkdf2Sync(password, salt, rounds, 32, 'sha256'))}`
}

beforeAll(async () => {
  house = await openHouse({ services: ['gateway'] })
  const ours = await createPasswordHasher({ atOnceMost: 1, queueMost: 1 }).hash(password)
  addresses.own = (await makeAccount(house.database, { passwordHash: ours })).email
  addresses.imported = (await makeAccount(house.database, { passwordHash: importedHash() })).email
})
afterAll(async () => {
  await house?.close()
})

async function fail(kind: Kind): Promise<number> {
  // What is measured are not the counters.
  await house.database.sql`delete from throttles`
  const began = performance.now()
  const response = await house.post('/v1/sessions', { email: addresses[kind], password: 'Wrong-Horse-7-Battery' })
  await response.text()
  expect(response.status).toBe(401)
  return performance.now() - began
}

async function measure(): Promise<Record<Kind, number[]>> {
  const taken: Record<Kind, number[]> = { unknown: [], own: [], imported: [] }
  for (let at = 0; at < samples + warmUps; at += 1) {
    for (const kind of kinds.toSorted(() => Math.random() - 0.5)) {
      const ms = await fail(kind)
      if (at >= warmUps) taken[kind].push(ms)
    }
  }
  return taken
}

it('the time of a failed login tells neither an imported account, nor one of ours, nor none', async () => {
  // The house began without imported hashes: the first one that is met is enough.
  const taken = await measure()
  for (const kind of ['own', 'imported'] as const) {
    expect(judgeTiming(taken[kind], taken.unknown), kind).toMatchObject({ leaks: false })
  }
}, 180_000)

it('a good login is not held', async () => {
  await house.database.sql`delete from throttles`
  const heldMs = await fail('unknown')
  const began = performance.now()
  const response = await house.post('/v1/sessions', { email: addresses.own, password })
  await response.text()
  expect(response.status).toBe(201)
  expect(performance.now() - began).toBeLessThan(heldMs)
})
