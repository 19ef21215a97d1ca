import { expect, test } from 'vitest'
import { leastDistanceKm } from './distance.ts'

test.each([
  ['DE', 'JP', 7000, 8500],
  ['DE', 'AU', 10_500, 12_500],
  ['BR', 'SG', 11_000, 15_000],
])('%s and %s lie far apart, whichever comes first', (from, to, least, most) => {
  const km = leastDistanceKm(from, to) ?? 0
  expect(km).toBeGreaterThan(least)
  expect(km).toBeLessThan(most)
  expect(leastDistanceKm(to, from)).toBeCloseTo(km, 6)
})

test.each([
  ['DE', 'DE'],
  ['DE', 'FR'],
  ['US', 'CA'],
  ['US', 'MX'],
  ['RU', 'CN'],
  ['RU', 'NO'],
  ['BR', 'PE'],
  ['FR', 'GB'],
  ['MY', 'SG'],
])('%s and %s are no distance apart', (from, to) => {
  expect(leastDistanceKm(from, to)).toBe(0)
})

test('of a country that is not known nothing is said', () => {
  expect(leastDistanceKm('DE', 'XX')).toBeUndefined()
  expect(leastDistanceKm('toString', 'DE')).toBeUndefined()
})
