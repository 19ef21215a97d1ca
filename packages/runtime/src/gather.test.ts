import { AsyncLocalStorage } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGather } from './gather.ts'

const settings = { name: 'probe', batchMost: 100, inFlightMost: 2 }

test('calls of one turn go to one run, and each gets its own result', async () => {
  const runs: number[][] = []
  const double = createGather<number, number>({
    ...settings,
    run: async (items) => {
      runs.push([...items])
      return items.map((item) => item * 2)
    },
  })
  expect(await Promise.all([3, 1, 3].map(double))).toEqual([6, 2, 6])
  expect(runs).toEqual([[3, 1, 3]])
})

test('nothing is kept: an equal call later is run again', async () => {
  let runs = 0
  const count = createGather<string, number>({ ...settings, run: async (items) => items.map(() => ++runs) })
  expect([await count('a'), await count('a')]).toEqual([1, 2])
})

test('items are let go when they are done', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: unknown = runInNewContext('gc')
  if (typeof collectGarbage !== 'function') throw new Error('there is no gc')
  const call = createGather<object, number>({ ...settings, run: async (items) => items.map(() => 1) })
  const seen = await (async () => {
    const item = { large: true }
    await call(item)
    return new WeakRef(item)
  })()
  await call({})
  await new Promise(setImmediate)
  collectGarbage()
  expect(seen.deref()).toBeUndefined()
})

test('what arrives while all batches are under way waits and goes together, in its order', async () => {
  const runs: number[][] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const started = Promise.withResolvers<void>()
  const echo = createGather<number, number>({
    ...settings,
    inFlightMost: 1,
    batchMost: 4,
    run: async (items) => {
      const gate = gates[runs.length]
      runs.push([...items])
      started.resolve()
      await gate?.promise
      return items
    },
  })
  const first = echo(0)
  await started.promise
  const rest = Promise.all([1, 2, 3, 4, 5, 6].map(echo))
  await new Promise(setImmediate)
  expect(runs).toEqual([[0]])
  for (const gate of gates) gate.resolve()
  expect(await first).toBe(0)
  expect(await rest).toEqual([1, 2, 3, 4, 5, 6])
  expect(runs).toEqual([[0], [1, 2, 3, 4], [5, 6]])
})

test('with patience one batch is under way at a time, and what arrives meanwhile goes together', async () => {
  const runs: number[][] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const started = gates.map(() => Promise.withResolvers<void>())
  const echo = createGather<number, number>({
    ...settings,
    patienceMs: 60_000,
    run: async (items) => {
      const at = runs.push([...items]) - 1
      started[at]?.resolve()
      await gates[at]?.promise
      return items
    },
  })
  const first = echo(0)
  await started[0]?.promise
  const second = echo(1)
  await new Promise(setImmediate)
  const third = echo(2)
  await new Promise(setImmediate)
  expect(runs).toEqual([[0]])
  gates[0]?.resolve()
  await started[1]?.promise
  gates[1]?.resolve()
  expect(await Promise.all([first, second, third])).toEqual([0, 1, 2])
  expect(runs).toEqual([[0], [1, 2]])
  // An idle gatherer waits for nobody.
  expect(await echo(3)).toBe(3)
})

test('a batch that hangs holds up the next one for no longer than the patience', async () => {
  const runs: number[][] = []
  const never = Promise.withResolvers<void>()
  const started = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const echo = createGather<number, number>({
    ...settings,
    patienceMs: 1,
    run: async (items) => {
      const at = runs.push([...items]) - 1
      started[at]?.resolve()
      if (items.some((item) => item < 2)) await never.promise
      return items
    },
  })
  const stuck = [echo(0)]
  await started[0]?.promise
  stuck.push(echo(1))
  await started[1]?.promise
  const last = echo(2)
  never.resolve()
  expect(await Promise.all([...stuck, last])).toEqual([0, 1, 2])
  expect(runs).toEqual([[0], [1], [2]])
})

test('a bad item fails alone, and with its own failure', async () => {
  const runs: number[] = []
  const check = createGather<string, string>({
    ...settings,
    run: async (items) => {
      runs.push(items.length)
      const bad = items.find((item) => item.startsWith('bad'))
      if (bad !== undefined) throw new Error(bad)
      return items
    },
  })
  const answers = await Promise.allSettled(['a', 'bad1', 'b', 'bad2'].map(check))
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
    'a',
    'bad1',
    'b',
    'bad2',
  ])
  expect(runs).toEqual([4, 1, 1, 1, 1])
})

test('what may not be repeated is not: every call of the batch gets the one failure', async () => {
  for (const repeatable of [false, (failure: unknown) => !(failure instanceof TypeError)]) {
    let runs = 0
    const failure = new TypeError('the store is away')
    const call = createGather<number, number>({
      ...settings,
      repeatable,
      run: () => {
        runs++
        return Promise.reject(failure)
      },
    })
    const answers = await Promise.allSettled([1, 2, 3].map(call))
    expect(answers.every((one) => one.status === 'rejected' && one.reason === failure)).toBe(true)
    expect(runs).toBe(1)
  }
})

test('another number of results than items is a failure, never a shift', async () => {
  for (const wrong of [(items: readonly number[]) => items.slice(1), (items: readonly number[]) => [...items, 9]]) {
    const call = createGather<number, number>({ ...settings, repeatable: false, run: async (items) => wrong(items) })
    const answers = await Promise.allSettled([1, 2].map(call))
    expect(answers.map((one) => one.status)).toEqual(['rejected', 'rejected'])
    expect(answers[0]).toMatchObject({
      reason: { message: expect.stringMatching(/^probe: [13] results for 2 items$/) },
    })
  }
})

test('a run that throws before its first await does not hold its place', async () => {
  let left = 5
  const call = createGather<number, number>({
    ...settings,
    inFlightMost: 1,
    run: (items) => {
      if (left-- > 0) throw new Error('at once')
      return Promise.resolve(items)
    },
  })
  for (let turn = 0; turn < 5; turn++) await expect(call(turn)).rejects.toThrow('at once')
  expect(await call(7)).toBe(7)
})

test('values that loaders take for signs are values: null, undefined, errors', async () => {
  const echo = createGather<unknown, unknown>({ ...settings, run: async (items) => items })
  const odd = [null, undefined, new Error('a value'), Number.NaN, '']
  expect(await Promise.all(odd.map(echo))).toEqual(odd)
})

test('a run never sees the asynchronous context of a caller, and each caller keeps its own', async () => {
  const caller = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const call = createGather<string, string>({
    ...settings,
    inFlightMost: 1,
    run: async (items) => {
      seen.push(caller.getStore())
      return items
    },
  })
  const ask = (name: string) => caller.run(name, async () => [await call(name), caller.getStore()])
  expect(await Promise.all(['a', 'b'].map(ask))).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ])
  expect(seen).toEqual([undefined])
})

interface Ask {
  readonly who: number
  readonly bad: boolean
}

test('no call ever gets the result of another, under any mix of arrivals, sizes and failures', async () => {
  const asks = fc.array(fc.record({ bad: fc.boolean(), turns: fc.nat({ max: 3 }) }), { minLength: 1, maxLength: 60 })
  const shape = fc.record({
    asks,
    batchMost: fc.integer({ min: 1, max: 9 }),
    inFlightMost: fc.integer({ min: 1, max: 4 }),
    patienceMs: fc.constantFrom(0, 1, 60_000),
    seed: fc.nat(),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ asks: arrivals, batchMost, inFlightMost, patienceMs, seed }) => {
      let inFlight = 0
      let most = 0
      let largest = 0
      const call = createGather<Ask, string>({
        name: 'probe',
        batchMost,
        inFlightMost,
        patienceMs,
        run: async (items) => {
          most = Math.max(most, ++inFlight)
          largest = Math.max(largest, items.length)
          try {
            for (let turn = (seed + items.length) % 3; turn > 0; turn--) await new Promise(setImmediate)
            const bad = items.find((item) => item.bad)
            if (bad !== undefined) throw new Error(`no ${bad.who}`)
            return items.map((item) => `row ${item.who}`)
          } finally {
            inFlight--
          }
        },
      })
      const answers = await Promise.all(
        arrivals.map(async ({ bad, turns }, who) => {
          for (let turn = turns; turn > 0; turn--) await new Promise(setImmediate)
          return call({ who, bad }).catch((error: Error) => error.message)
        }),
      )
      expect(answers).toEqual(arrivals.map(({ bad }, who) => `${bad ? 'no' : 'row'} ${who}`))
      expect(most).toBeLessThanOrEqual(inFlightMost)
      expect(largest).toBeLessThanOrEqual(batchMost)
    }),
    { numRuns: 300 },
  )
})
