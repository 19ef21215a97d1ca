import { expect, it } from 'vitest'
import { createLanes } from './lanes.ts'

const limits = { most: 6, endpointMost: 4, slowMost: 1, slowMs: 1000 }

function openLanes() {
  let ms = 0
  const lanes = createLanes(limits, () => ms)
  const ends: (() => void)[] = []
  return {
    lanes,
    pass: (more: number) => (ms += more),
    begin(endpointId: string) {
      void lanes.run(endpointId, () => new Promise<void>((resolve) => ends.push(resolve)))
    },
    async endAll() {
      for (const end of ends.splice(0)) end()
      await Promise.resolve()
    },
  }
}

it('one endpoint never takes more than its share, whatever is planned beside', () => {
  const { lanes, begin } = openLanes()
  expect(lanes.hasRoom('a', 3, 3)).toBe(true)
  expect(lanes.hasRoom('a', 4, 4)).toBe(false)
  for (let n = 0; n < 4; n += 1) begin('a')
  expect([lanes.hasRoom('a', 0, 0), lanes.hasRoom('b', 0, 0)]).toEqual([false, true])
})

it('all together never take what is kept for mails', () => {
  const { lanes, begin } = openLanes()
  for (const endpoint of ['a', 'a', 'a', 'b', 'b']) begin(endpoint)
  expect([lanes.hasRoom('c', 0, 0), lanes.hasRoom('c', 0, 1)]).toEqual([true, false])
})

it('an endpoint that is slow keeps one place, and has its share again once it answers', async () => {
  const { lanes, begin, pass, endAll } = openLanes()
  begin('a')
  pass(1001)
  expect([lanes.hasRoom('a', 0, 0), lanes.hasRoom('b', 3, 3)]).toEqual([false, true])
  await endAll()
  expect(lanes.hasRoom('a', 3, 3)).toBe(true)
})

it('an attempt that throws gives its place back', async () => {
  const { lanes } = openLanes()
  for (let n = 0; n < 10; n += 1) {
    await lanes.run('a', () => Promise.reject(new Error('broken'))).catch(() => {})
  }
  expect(lanes.hasRoom('a', 3, 5)).toBe(true)
})
