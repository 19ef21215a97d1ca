import { expect, test } from 'vitest'
import { createHashGate } from './hash-gate.ts'

/** Work that runs until it is told to end. */
function held(started: string[], name: string) {
  const end = Promise.withResolvers<string>()
  return {
    end: () => end.resolve(name),
    fail: () => end.reject(new Error(name)),
    work: () => {
      started.push(name)
      return end.promise
    },
  }
}

/** Lets everything that can go on go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('work runs in the order in which it came, so much at a time', async () => {
  const gate = createHashGate({ atOnceMost: 2, queueMost: 3 })
  const started: string[] = []
  const [a, b, c, d] = [held(started, 'a'), held(started, 'b'), held(started, 'c'), held(started, 'd')] as const
  const runs = [a, b, c, d].map((one) => gate.run(one.work))
  await settled()
  expect(started).toEqual(['a', 'b'])
  b.end()
  await runs[1]
  await settled()
  expect(started).toEqual(['a', 'b', 'c'])
  for (const one of [a, c, d]) one.end()
  expect(await Promise.all(runs)).toEqual(['a', 'b', 'c', 'd'])
})

test('what finds the queue full is refused at once, with a time to come back', async () => {
  const gate = createHashGate({ atOnceMost: 1, queueMost: 1 })
  const started: string[] = []
  const [a, b, c] = [held(started, 'a'), held(started, 'b'), held(started, 'c')] as const
  const first = gate.run(a.work)
  const second = gate.run(b.work)
  await expect(gate.run(c.work)).rejects.toMatchObject({ name: 'Failure', code: 'rate_limited', retryAfterSeconds: 1 })
  a.end()
  b.end()
  expect(await Promise.all([first, second])).toEqual(['a', 'b'])
  expect(started).toEqual(['a', 'b'])
})

test('a place is given back when work fails', async () => {
  const gate = createHashGate({ atOnceMost: 1, queueMost: 1 })
  const started: string[] = []
  const [a, b] = [held(started, 'a'), held(started, 'b')] as const
  const first = gate.run(a.work)
  const second = gate.run(b.work)
  a.fail()
  b.end()
  await expect(first).rejects.toThrow('a')
  expect(await second).toBe('b')
  expect(await gate.run(async () => 'c')).toBe('c')
})
