import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../house.ts'

/**
 * No answer tells whether an account exists: same status, body, headers and time (OWASP ASVS 5 6.3.8). Measured on the real
 * gateway process. Known and unknown addresses alternate, in an order drawn anew for each pair, so that whatever else the
 * machine does falls on both alike. It is a leak only where the two samples differ beyond chance (Mann-Whitney, p at most
 * 0.01) and their medians by 5 ms or more: the first alone would fail one run in a hundred, the second alone on a busy machine.
 */
const samples = 200
const warmUps = 10
const leakMs = 5

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

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Two-sided p of the Mann-Whitney U test: normal approximation with continuity and tie correction. */
function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
  all.sort((x, y) => x.value - y.value)
  let rankSum = 0
  let ties = 0
  for (let from = 0; from < all.length;) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const rank = (from + 1 + to) / 2
    rankSum += rank * all.slice(from, to).filter(({ first }) => first).length
    ties += (to - from) ** 3 - (to - from)
    from = to
  }
  const n = all.length
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)))
  const z = Math.max(Math.abs(u - (a.length * b.length) / 2) - 0.5, 0) / Math.sqrt(variance)
  return 2 * upperTail(z)
}

/** Probability of a standard normal value above z. Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}

function judge(known: readonly number[], unknown: readonly number[]): { leaks: boolean; p: number; apartMs: number } {
  const p = mannWhitney(known, unknown)
  const apartMs = Math.abs(median(known) - median(unknown))
  return { leaks: p <= 0.01 && apartMs >= leakMs, p, apartMs }
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
      const judged = judge(
        taken.known.map(({ ms }) => ms),
        taken.unknown.map(({ ms }) => ms),
      )
      expect(judged).toMatchObject({ leaks: false })
    },
    180_000,
  )
})

describe('the measure itself', () => {
  const noise = () => 20 + 4 * Math.random() + (Math.random() < 0.05 ? 200 * Math.random() : 0)
  const sample = (more: number) => Array.from({ length: samples }, () => noise() + more)

  it('sees a difference of 8 ms in noise like that of a busy machine', () => {
    expect(judge(sample(0), sample(8))).toMatchObject({ leaks: true })
  })

  it('sees none where there is none', () => {
    expect(judge(sample(0), sample(0))).toMatchObject({ leaks: false })
  })

  it('computes the p of a textbook', () => {
    // No tie; U = 3 of 25: z = (|3 - 12.5| - 0.5) / sqrt(22.9167) = 1.8800, two-sided p 0.0601.
    expect(mannWhitney([1, 2, 3, 4, 8], [5, 6, 7, 9, 10])).toBeCloseTo(0.0601, 3)
    expect(mannWhitney([1, 1, 1], [1, 1, 1, 2])).toBeGreaterThan(0.3)
  })
})
