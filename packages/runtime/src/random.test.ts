import { expect, test } from 'vitest'
import { newId, newUuid } from './id.ts'
import { randomBytesOf, randomFraction, randomNameBytes, randomToken } from './random.ts'

test('a token has 256 bits by default, in an alphabet that needs no escaping', () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/)
  expect(randomToken(16)).toMatch(/^[\w-]{22}$/)
  expect(new Set(Array.from({ length: 1000 }, () => randomToken())).size).toBe(1000)
})

test('a guessable token is refused', () => {
  expect(() => randomToken(15)).toThrow(RangeError)
})

test('random bytes come in the number asked for, and a fraction lies in 0 to 1', () => {
  expect(randomBytesOf(12)).toHaveLength(12)
  const fractions = Array.from({ length: 1000 }, () => randomFraction())
  expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true)
})

test('ids are UUIDv7 and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 1000 }, () => newId('job'))
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set([...ids, newUuid()]).size).toBe(1001)
})

test('random bytes for names are never handed out twice, however many are asked for', () => {
  const names = Array.from({ length: 5000 }, (_, place) => randomNameBytes(place % 2 === 0 ? 16 : 8).toString('hex'))
  expect(new Set(names).size).toBe(5000)
})
