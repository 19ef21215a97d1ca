import type { Clock } from '@portcullis/runtime/clock'

/** Liveness is consumption, not a ping: a worker can be connected, look well, and take nothing. */
export interface Canary {
  /** A delivery was taken. */
  taken(): void
  close(): void
}

/** Settings of `startCanary`. */
export interface CanaryOptions {
  readonly clock: Clock
  /** Jobs that wait in the queue; a throw means that nobody knows. */
  readonly countWaiting: () => Promise<number>
  /** Whether the worker could take one more now. */
  readonly hasRoom: () => boolean
  /** Nothing taken for so long, though jobs waited and there was room at every look. Default 30,000. */
  readonly patienceMs?: number
  /** Default 5,000. */
  readonly everyMs?: number
  /** Called once. */
  readonly onWedged: (reason: string) => void
}

/** Watches that the worker takes what waits. */
export function startCanary(options: CanaryOptions): Canary {
  const patienceMs = options.patienceMs ?? 30_000
  let idleSince = options.clock.monotonicMs()
  const rest = (): void => {
    idleSince = options.clock.monotonicMs()
  }
  const timer = setInterval(async () => {
    // Nobody knows, or nobody could have taken it: not the worker's fault.
    const waiting = await options.countWaiting().catch(() => 0)
    if (waiting === 0 || !options.hasRoom()) return rest()
    const idleMs = options.clock.monotonicMs() - idleSince
    if (idleMs < patienceMs) return
    clearInterval(timer)
    options.onWedged(`${waiting} jobs wait, and none was taken for ${Math.round(idleMs / 1000)} s`)
  }, options.everyMs ?? 5000)
  timer.unref()
  return { taken: rest, close: () => clearInterval(timer) }
}
