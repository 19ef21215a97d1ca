import { expect, it } from 'vitest'
import { firstChunkRows, nextChunkRows } from './pace.ts'

it.each([
  [1000, 50, 1000],
  [1000, 100, 1000],
  [1000, 49, 1531],
  [1000, 10, 2000],
  [1000, 0, 2000],
  [1000, 101, 743],
  [1000, 150, 500],
  [1000, 60_000, 250],
  [60, 60_000, 50],
  [19_000, 1, 20_000],
])('a chunk of %i rows that took %i ms is followed by one of %i', (rows, tookMs, next) => {
  expect(nextChunkRows(rows, tookMs)).toBe(next)
})

it.each([1, 0.01, 0.4])('a chunk comes to take 50 to 100 ms where a row takes %f ms', (rowMs) => {
  let rows = firstChunkRows
  for (let round = 0; round < 10; round += 1) rows = nextChunkRows(rows, rows * rowMs)
  expect(rows * rowMs).toBeGreaterThanOrEqual(50)
  expect(rows * rowMs).toBeLessThanOrEqual(100)
})
