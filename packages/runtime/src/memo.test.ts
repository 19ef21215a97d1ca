import { expect, test } from 'vitest'
import { createMemo } from './memo.ts'

function counted(most: number) {
  const asked: string[] = []
  const memo = createMemo((text) => {
    asked.push(text)
    return text === '' ? undefined : text.toUpperCase()
  }, most)
  return { memo, asked }
}

test('each text is worked out once and answered alike, also where the answer is undefined', () => {
  const { memo, asked } = counted(2)
  expect([memo('a'), memo(''), memo('a'), memo('')]).toEqual(['A', undefined, 'A', undefined])
  expect(asked).toEqual(['a', ''])
})

test('it never keeps more than it may, and forgets what was asked for longest ago', () => {
  const { memo, asked } = counted(2)
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) memo(text)
  expect(asked).toEqual(['a', 'b', 'c', 'b'])
})

test('it throws as the function does, and keeps no failure', () => {
  let calls = 0
  const memo = createMemo(() => {
    calls += 1
    if (calls === 1) throw new Error('once')
    return calls
  }, 2)
  expect(() => memo('a')).toThrow('once')
  expect(memo('a')).toBe(2)
})
