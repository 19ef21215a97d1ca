import { createFakeClock, type FakeClock } from '@portcullis/testkit/clock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Canary, startCanary } from './canary.ts'

const patienceMs = 30_000
let clock: FakeClock
let waiting: () => number
let room: boolean
let looks: number
let looked: (() => void)[]
let reasons: string[]
let canary: Canary

beforeEach(() => {
  clock = createFakeClock()
  waiting = () => 3
  room = true
  looks = 0
  looked = []
  reasons = []
  canary = startCanary({
    clock,
    everyMs: 1,
    patienceMs,
    hasRoom: () => room,
    async countWaiting() {
      looks += 1
      for (const tell of looked.splice(0)) tell()
      return waiting()
    },
    onWedged: (reason) => reasons.push(reason),
  })
})
afterEach(() => canary.close())

/** Two further looks, so that the first of them has surely been judged. */
async function afterLooks(): Promise<void> {
  for (let left = 2; left > 0; left -= 1) await new Promise<void>((resolve) => looked.push(resolve))
}

/** Another canary of the same pace looks three times: so long, this one would have looked too. */
async function anotherLooks(): Promise<void> {
  const three = Promise.withResolvers<void>()
  let left = 3
  const another = startCanary({
    clock,
    everyMs: 1,
    hasRoom: () => true,
    async countWaiting() {
      left -= 1
      if (left === 0) three.resolve()
      return 0
    },
    onWedged: () => {},
  })
  await three.promise
  another.close()
}

/** The reason, once it was given. */
async function wedged(): Promise<string> {
  const end = performance.now() + 5000
  while (reasons.length === 0) {
    if (performance.now() > end) throw new Error('nobody was told that the worker is wedged')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return String(reasons[0])
}

describe('the canary', () => {
  it('ends a worker that takes nothing for half a minute though jobs wait, and says so once', async () => {
    await afterLooks()
    clock.forward(patienceMs)
    expect(await wedged()).toBe('3 jobs wait, and none was taken for 30 s')
    const then = looks
    await anotherLooks()
    expect(looks).toBe(then)
    expect(reasons).toHaveLength(1)
  })

  it('spares a worker that has not been idle for quite so long', async () => {
    await afterLooks()
    clock.forward(patienceMs - 1)
    await afterLooks()
    expect(reasons).toEqual([])
  })

  it('spares a worker that takes jobs, however many wait', async () => {
    clock.forward(patienceMs - 1)
    canary.taken()
    clock.forward(patienceMs - 1)
    await afterLooks()
    expect(reasons).toEqual([])
    clock.forward(1)
    await wedged()
  })

  it('spares a worker whose queue is empty, and counts from when it was', async () => {
    waiting = () => 0
    await afterLooks()
    clock.forward(10 * patienceMs)
    await afterLooks()
    waiting = () => 1
    await afterLooks()
    expect(reasons).toEqual([])
    clock.forward(patienceMs)
    await wedged()
  })

  it('spares a worker that is busy with all it may take', async () => {
    room = false
    clock.forward(10 * patienceMs)
    await afterLooks()
    expect(reasons).toEqual([])
  })

  it('spares a worker while Redis cannot be asked', async () => {
    waiting = () => {
      throw new Error('redis is away')
    }
    clock.forward(10 * patienceMs)
    await afterLooks()
    expect(reasons).toEqual([])
  })

  it('looks no more once it is closed', async () => {
    canary.close()
    const then = looks
    clock.forward(10 * patienceMs)
    await anotherLooks()
    expect(looks).toBe(then)
    expect(reasons).toEqual([])
  })
})
