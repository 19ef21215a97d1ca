import { describe, expect, it } from 'vitest'
import { judgeTiming, mannWhitney } from './timing.ts'

const samples = 200

describe('a measure of time', () => {
  const noise = () => 20 + 4 * Math.random() + (Math.random() < 0.05 ? 200 * Math.random() : 0)
  const sample = (more: number) => Array.from({ length: samples }, () => noise() + more)

  it('sees a difference of 8 ms in noise like that of a busy machine', () => {
    expect(judgeTiming(sample(0), sample(8))).toMatchObject({ leaks: true })
  })

  it('sees none where there is none', () => {
    expect(judgeTiming(sample(0), sample(0))).toMatchObject({ leaks: false })
  })

  it('computes the p of a textbook', () => {
    // No tie; U = 3 of 25: z = (|3 - 12.5| - 0.5) / sqrt(22.9167) = 1.8800, two-sided p 0.0601.
    expect(mannWhitney([1, 2, 3, 4, 8], [5, 6, 7, 9, 10])).toBeCloseTo(0.0601, 3)
    expect(mannWhitney([1, 1, 1], [1, 1, 1, 2])).toBeGreaterThan(0.3)
  })
})
