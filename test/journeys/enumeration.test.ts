import { makeAccount } from '@portcullis/testkit/factory'
import { judgeTiming } from '@portcullis/testkit/timing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../house.ts'

/**
 * No answer tells whether an account exists: same status, body, headers and time (OWASP ASVS 5 6.3.8). Measured on the real
 * gateway process. Known and unknown addresses alternate, in an order drawn anew for each pair, so that whatever else the
 * machine does falls on both alike. Logins are measured in the gateway's `app-enumeration.test.ts`.
 */
const samples = 200
const warmUps = 10

let house: House
const known: string[] = []
beforeAll(async () => {
  house = await openHouse({ services: ['gateway'] })
  for (let at = 0; at < samples + warmUps; at += 1) known.push((await makeAccount(house.database)).email)
})
afterAll(async () => {
  await house?.close()
})

interface Sample {
  readonly ms: number
  readonly answer: string
}

async function ask(path: string, body: unknown): Promise<Sample> {
  const began = performance.now()
  const response = await house.post(path, body)
  const text = await response.text()
  const ms = performance.now() - began
  const told = [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return { ms, answer: JSON.stringify([response.status, told, text]) }
}

/** One known and one unknown address at a time, in either order. */
async function compare(
  path: string,
  bodyOf: (email: string) => unknown,
): Promise<{ known: Sample[]; unknown: Sample[] }> {
  const taken = { known: [] as Sample[], unknown: [] as Sample[] }
  for (let at = 0; at < samples + warmUps; at += 1) {
    // As long as a known one, letter for letter of the same kind.
    const addresses = { known: known[at] ?? '', unknown: (known[at] ?? '').replace('owner-', 'other-') }
    const kinds = Math.random() < 0.5 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const kind of kinds) {
      const sample = await ask(path, bodyOf(addresses[kind]))
      if (at >= warmUps) taken[kind].push(sample)
    }
  }
  return taken
}

describe('whether an address has an account', () => {
  it.each([
    ['/v1/password-resets', (email: string) => ({ email })],
    ['/v1/accounts', (email: string) => ({ email, name: 'Ada', password: 'plum-Kettle-47-orbit' })],
  ])(
    'is told by %s neither in status, body and headers, nor in time',
    async (path, bodyOf) => {
      const taken = await compare(path, bodyOf)
      expect(taken.known).toHaveLength(samples)
      const answers = new Set([...taken.known, ...taken.unknown].map(({ answer }) => answer))
      expect([...answers]).toHaveLength(1)
      expect([...answers][0]).toMatch(/^\[202,/)
      const judged = judgeTiming(
        taken.known.map(({ ms }) => ms),
        taken.unknown.map(({ ms }) => ms),
      )
      expect(judged).toMatchObject({ leaks: false })
    },
    180_000,
  )
})
