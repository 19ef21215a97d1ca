import { createLogger } from '@portcullis/runtime/log'
import { afterEach, expect, it } from 'vitest'
import { type Patrol, startPatrol } from './patrol.ts'

const log = createLogger({ service: 'test', level: 'silent' })
let patrol: Patrol | undefined
afterEach(async () => {
  await patrol?.stop()
})

const never = 3_600_000

/** A round that a test lets go on, step by step. */
function steps() {
  const begun: PromiseWithResolvers<void>[] = []
  const ended: PromiseWithResolvers<boolean | void>[] = []
  const at = <T>(list: PromiseWithResolvers<T>[], place: number) => (list[place] ??= Promise.withResolvers<T>())
  let count = 0
  let now = 0
  let most = 0
  return {
    async round(): Promise<boolean | void> {
      const place = count
      count += 1
      now += 1
      most = Math.max(most, now)
      at(begun, place).resolve()
      try {
        return await at(ended, place).promise
      } finally {
        now -= 1
      }
    },
    begun: (place: number) => at(begun, place).promise,
    end: (place: number, more?: boolean) => at(ended, place).resolve(more),
    fail: (place: number) => at(ended, place).reject(new Error('a round failed')),
    count: () => count,
    most: () => most,
  }
}

/** Long enough for every timer of 0 ms that is due. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0))
}

function start(everyMs: number, round: () => Promise<boolean | void>): Patrol {
  patrol = startPatrol({ name: 'test', everyMs, log, round })
  return patrol
}

it('rounds come one after another, and never overlap, however often it is nudged', async () => {
  const step = steps()
  const { nudge } = start(1, step.round)
  for (let place = 0; place < 3; place += 1) {
    await step.begun(place)
    for (let time = 0; time < 5; time += 1) nudge()
    await turns()
    step.end(place)
  }
  await step.begun(3)
  step.end(3)
  expect(step.most()).toBe(1)
})

it('a nudge while a round is under way makes one more round at once, not many', async () => {
  const step = steps()
  const { nudge } = start(never, step.round)
  await step.begun(0)
  for (let time = 0; time < 5; time += 1) nudge()
  step.end(0)
  await step.begun(1)
  step.end(1)
  await turns()
  expect(step.count()).toBe(2)
})

it('a nudge between rounds begins one at once', async () => {
  const step = steps()
  const { nudge } = start(never, step.round)
  step.end(0)
  await turns()
  expect(step.count()).toBe(1)
  nudge()
  await step.begun(1)
  step.end(1)
})

it('a round that says there is more is followed by another at once', async () => {
  const step = steps()
  start(never, step.round)
  step.end(0, true)
  await step.begun(1)
  step.end(1, false)
  await turns()
  expect(step.count()).toBe(2)
})

it('a round that fails is not the last', async () => {
  const step = steps()
  start(1, step.round)
  step.fail(0)
  await step.begun(1)
  step.fail(1)
  await step.begun(2)
  step.end(2)
})

it('stopping waits for the round under way, and no other follows, though it was nudged or there was more', async () => {
  const step = steps()
  const { nudge, stop } = start(1, step.round)
  await step.begun(0)
  let stopped = false
  const stopping = stop().then(() => (stopped = true))
  nudge()
  await turns()
  expect(stopped).toBe(false)
  step.end(0, true)
  await stopping
  nudge()
  await turns()
  expect(step.count()).toBe(1)
})
