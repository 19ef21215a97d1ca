import { Failure } from '@portcullis/contracts/errors'

/** Lets only so much work run at a time. */
export interface HashGate {
  /** Runs `work` when its turn comes, first come first served. Throws `Failure('rate_limited')` when the queue is full. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/**
 * A gate for work that costs memory: `atOnceMost` run, `queueMost` wait, the next is refused at once with one second to
 * wait, so that a flood costs no more than it is allowed to. Source: OWASP ASVS 5 6.3.1, 15.1.3.
 */
export function createHashGate(limits: { readonly atOnceMost: number; readonly queueMost: number }): HashGate {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < limits.atOnceMost) {
      running += 1
      return
    }
    if (waiting.length >= limits.queueMost) {
      throw new Failure('rate_limited', { retryAfterSeconds: 1, internal: 'the queue for password hashing is full' })
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  // The place is handed over, never freed and taken again: nobody can slip in between.
  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return {
    async run(work) {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
