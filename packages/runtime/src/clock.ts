/** Where time comes from, so that a test can hold it still. */
export interface Clock {
  /** The present moment (UTC). May jump when the machine's clock is set. */
  now(): Date
  /** Milliseconds since some fixed moment of this process, with a fraction. Never goes back: use it for durations. */
  monotonicMs(): number
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
}
