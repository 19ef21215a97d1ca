import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { judgeTiming } from '@portcullis/testkit/timing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trustProxies } from './http/client-ip.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

/**
 * No login tells whether an account exists: same status, body, headers, cookies and time (ASVS 5 6.3.8), with password hashes
 * of a third of the cost of production: one that is left out still shows. Kinds take turns in an order drawn anew each time. Registrations and resets are measured in
 * `test/journeys/enumeration.test.ts`, on the real process.
 */
const samples = 200
const warmUps = 10
const kinds = ['unknown', 'known', 'locked'] as const
type Kind = (typeof kinds)[number]

const store = useDatabase()
const limits = { atOnceMost: 2, queueMost: 100 }
const hasher = createPasswordHasher({ ...limits, memoryKib: 12_288, passes: 1 })
const password = 'Correct-Horse-7-Battery'
let passwordHash = ''
let gateway: OpenGateway
/** With hashes that cost nothing, for attempts that are not measured. */
let quick: OpenGateway
beforeAll(async () => {
  passwordHash = await hasher.hash(password)
  const clientIp = trustProxies(['127.0.0.1'])
  gateway = await openGateway(store.database, { hasher, clientIp })
  quick = await openGateway(store.database, { clientIp })
})
afterAll(() => Promise.all([gateway.close(), quick.close()]))

interface Sample {
  readonly ms: number
  readonly answer: string
}

let networks = 0

/** From a network of its own, so that no counter but the address's own is met. */
async function logIn(at: OpenGateway, email: string, given: string): Promise<Sample> {
  networks += 1
  const from = `10.${networks >> 8}.${networks & 255}.1`
  const began = performance.now()
  const answer = await send(at, 'POST', '/v1/sessions', {
    headers: { 'x-forwarded-for': from },
    body: { email, password: given },
  })
  const ms = performance.now() - began
  const told = [...answer.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return { ms, answer: JSON.stringify([answer.status, told, { ...answer.body, requestId: '' }]) }
}

async function addressOf(kind: Kind): Promise<string> {
  const { id, email } = await makeAccount(store.database, { passwordHash })
  if (kind === 'unknown') return email.replace('owner-', 'other-')
  if (kind === 'locked') await store.database.sql`update accounts set state = 'locked' where id = ${id}`
  return email
}

/** One of each kind at a time, in an order that is drawn. `tries`: wrong ones before the one that is measured. */
async function measure(count: number, tries: number): Promise<Record<Kind, Sample[]>> {
  const taken: Record<Kind, Sample[]> = { unknown: [], known: [], locked: [] }
  for (let at = 0; at < count + warmUps; at += 1) {
    const drawn = kinds.map((kind) => ({ kind, place: Math.random() })).toSorted((a, b) => a.place - b.place)
    for (const { kind } of drawn) {
      const email = await addressOf(kind)
      const given = kind === 'locked' ? password : 'Wrong-Horse-7-Battery'
      for (let before = 0; before < tries; before += 1) await logIn(quick, email, 'Wrong')
      const sample = await logIn(gateway, email, given)
      if (at >= warmUps) taken[kind].push(sample)
    }
  }
  return taken
}

describe('a login', () => {
  it.each([
    ['that is refused', samples, 0, /^\[401,.*"login_refused"/],
    ['that must wait', 60, 5, /^\[429,.*"rate_limited"/],
  ])(
    '%s tells neither in status, body and headers nor in time whether there is an account, or a locked one',
    async (_what, count, tries, expected) => {
      const taken = await measure(count, tries)
      const answers = new Set(Object.values(taken).flatMap((all) => all.map(({ answer }) => answer)))
      expect([...answers]).toHaveLength(1)
      expect([...answers][0]).toMatch(expected)
      const times = (kind: Kind) => taken[kind].map(({ ms }) => ms)
      expect(taken.unknown).toHaveLength(count)
      expect(judgeTiming(times('known'), times('unknown'))).toMatchObject({ leaks: false })
      expect(judgeTiming(times('locked'), times('unknown'))).toMatchObject({ leaks: false })
    },
    300_000,
  )
})
