import { randomFraction } from './random.ts'

/** How long waits may be, in milliseconds. */
export interface BackoffLimits {
  /** The ceiling of the first wait; no wait is shorter than half of it. */
  readonly baseMs: number
  /** No wait is longer than this. */
  readonly capMs: number
}

/**
 * How long to wait before try number `attempt` + 1, in whole milliseconds: exponential, capped, with full jitter above a
 * floor, so that many who failed together do not come back together, and nobody comes back at once.
 *
 * The ceiling doubles with each attempt (`baseMs`, 2, 4, 8 times that) up to `capMs`; the wait lies anywhere between
 * `baseMs / 2` and the ceiling. With `baseMs` 1000 and `capMs` 600000: after the first failure 0.5 to 1 s, after the
 * second 0.5 to 2 s, after the fifth 0.5 to 16 s, from the eleventh on 0.5 s to 10 minutes (5 on average).
 *
 * @param attempt failures so far, from 1; anything lower counts as 1.
 * @param fraction where between floor and ceiling, 0 to 1; random by default.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, fraction: number = randomFraction()): number {
  const ceilingMs = Math.min(limits.capMs, limits.baseMs * 2 ** (Math.max(1, attempt) - 1))
  const floorMs = Math.min(limits.baseMs / 2, limits.capMs)
  return Math.round(floorMs + fraction * (ceilingMs - floorMs))
}
