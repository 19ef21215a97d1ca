import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const limits = { baseMs: 1000, capMs: 600_000 }

test('the ceiling doubles up to the cap, and the floor is half of the base', () => {
  expect([1, 2, 3, 5, 10, 11, 5000].map((attempt) => backoffMs(attempt, limits, 1))).toEqual([
    1000, 2000, 4000, 16_000, 512_000, 600_000, 600_000,
  ])
  expect([1, 2, 11].map((attempt) => backoffMs(attempt, limits, 0))).toEqual([500, 500, 500])
  expect(backoffMs(2, limits, 0.5)).toBe(1250)
})

test('any wait is a whole number between floor and cap, for any attempt and any limits', () => {
  const anyLimits = fc.record({ baseMs: fc.integer({ min: 2, max: 1e6 }), capMs: fc.integer({ min: 1, max: 1e9 }) })
  fc.assert(
    fc.property(fc.integer({ min: -3, max: 10_000 }), anyLimits, (attempt, some) => {
      const waitMs = backoffMs(attempt, some)
      expect(Number.isInteger(waitMs)).toBe(true)
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(some.capMs, Math.floor(some.baseMs / 2)))
      expect(waitMs).toBeLessThanOrEqual(some.capMs)
    }),
  )
})

test('those who failed together do not come back together', () => {
  expect(new Set(Array.from({ length: 100 }, () => backoffMs(8, limits))).size).toBeGreaterThan(90)
})
