import { expect, it } from 'vitest'
import type { TriedDoor } from './door.ts'
import { tellRefused } from './part.ts'
import { createTimeline, layOut } from './timeline.ts'

const text = 'SSH keys were revoked and withdrawn from every rented server and from all of the others'

it('no line is wider than 80 columns, and nothing is cut off', () => {
  for (const aside of ['', 'short', 'a proof that has no room beside the words that it proves', 'x'.repeat(200)]) {
    const lines = layOut({ when: '+12345 ms', mark: 'note', text, aside })
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    const whole = lines.join('').replaceAll(' ', '')
    expect(whole).toBe(`+12345ms·${text}${aside}`.replaceAll(' ', ''))
  }
})

it('what is proven stands at the right edge where there is room', () => {
  const [line, ...more] = layOut({ when: '+4 ms', mark: 'shut', text: 'session refused', aside: '401' })
  expect([line?.length, line?.endsWith('401'), more]).toEqual([80, true, []])
})

it('a door that still opens is called out and makes the demo fail; one that is refused does not', () => {
  const faults: string[] = []
  const lines: string[] = []
  const tried = (opened: boolean): TriedDoor => ({ name: 'session', opened, said: '', at: 5 })
  const play = { line: createTimeline((line) => lines.push(line)), wrong: (what: string) => void faults.push(what) }
  tellRefused(play, [tried(false)], 1)
  expect([faults, lines.join()]).toEqual([[], expect.stringMatching(/\+4 ms .*session refused/)])
  tellRefused(play, [tried(true)])
  expect([faults, lines.join()]).toEqual([['session still opens'], expect.stringContaining('STILL OPENS')])
})
