import type { Clock } from '@portcullis/runtime/clock'

/** A clock that a test sets. Moments that Postgres judges are moved by `age` instead. */
export interface FakeClock extends Clock {
  forward(milliseconds: number): void
}

/** Makes a clock that stands still until it is moved. Default start: 2026-01-01, midnight UTC. */
export function createFakeClock(start: Date = new Date(Date.UTC(2026, 0, 1))): FakeClock {
  let ms = start.getTime()
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    forward: (milliseconds) => {
      ms += milliseconds
    },
  }
}
