/** Node fires a timer at once when it is longer than this. */
const longestTimerMs = 2 ** 31 - 1

/** Work did not end in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
  /** What was being done, as the caller of `withDeadline` named it. */
  readonly what: string
  /** How long it was given, in milliseconds. */
  readonly ms: number

  constructor(what: string, ms: number) {
    super(`${what}: not done within ${ms} ms`)
    this.what = what
    this.ms = ms
  }
}

/**
 * Runs `work` for `ms` milliseconds at most and gives its result, or its own failure.
 *
 * When the time is over the promise rejects with `DeadlineExceeded` and `signal` is aborted with the same reason; what the
 * work answers later is dropped and can no longer become an unhandled rejection. Work that ignores the signal goes on
 * unseen, so give it the signal. The timer is cleared as soon as the work ends, so it never keeps a finished process
 * alive; until then it holds the process, so the deadline comes even when nothing else does.
 */
export async function withDeadline<T>(ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const tooLate = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => {
      const reason = new DeadlineExceeded(what, ms)
      tooLate.reject(reason)
      over.abort(reason)
    },
    Math.min(Math.max(0, ms), longestTimerMs),
  )
  try {
    return await Promise.race([tooLate.promise, work(over.signal)])
  } finally {
    clearTimeout(timer)
  }
}
