import type { Id } from '@portcullis/contracts/ids'
import { type LockdownStep, lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Database } from '@portcullis/db/connect'
import { updateStepFailed } from '@portcullis/db/queries/lockdown-step'
import { inTransaction, isStoreAway } from '@portcullis/db/transaction'
import type { LockdownFailpoints } from './failpoint.ts'
import type { StepStanding } from './run-step.ts'
import { createStepGather } from './step-gather.ts'

/** How far a lockdown has come. */
export type LockdownProgress =
  /** There is none of that id. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'contained' }
  /** All that the house does itself is proven; these steps wait for others, who say so when they are done. */
  | { readonly kind: 'awaited'; readonly steps: readonly LockdownStep[] }
  /** These steps could not be done, or not be seen to hold; the others were not held up. */
  | { readonly kind: 'unproven'; readonly steps: readonly LockdownStep[] }

/** What `createLockdownRunner` works with. */
export interface LockdownRunnerDeps {
  readonly database: Database
  readonly failpoint: LockdownFailpoints
  /** Called with what made a step fail; gives the code that is written down. */
  readonly onStepFailed: (error: unknown, id: Id<'lockdown'>, step: LockdownStep) => string
  /** Lockdowns of one transaction. Default 50. */
  readonly batchMost?: number
}

/**
 * Makes what carries lockdowns as far as they can come now. The steps of one are short transactions, one after another (all
 * lock its account); the same step of many that are under way together is one transaction over a set. A failing set is
 * repeated one by one. May be called for one lockdown any number of times, at once too: each effect happens, and counts, once.
 *
 * The function that it gives throws only where the store is away, or `signal` is aborted between two steps.
 */
export function createLockdownRunner(
  deps: LockdownRunnerDeps,
): (id: Id<'lockdown'>, signal?: AbortSignal) => Promise<LockdownProgress> {
  const { database, failpoint } = deps
  const { findDue, runStep, contain } = createStepGather(database, failpoint, deps.batchMost ?? 50)

  async function tryStep(id: Id<'lockdown'>, step: LockdownStep): Promise<StepStanding> {
    try {
      return await runStep(step, id)
    } catch (error) {
      if (isStoreAway(error)) throw error
      const code = deps.onStepFailed(error, id, step)
      await inTransaction(database, (tx) => updateStepFailed(tx, id, step, code))
      return 'unproven'
    }
  }

  return async (id, signal) => {
    const due = await findDue(id)
    if (!due) return { kind: 'gone' }
    const standing = new Map<LockdownStep, StepStanding>()
    for (const step of lockdownStepNames.filter((name) => due.includes(name))) {
      signal?.throwIfAborted()
      failpoint(`before_${step}`)
      standing.set(step, await tryStep(id, step))
    }
    failpoint('before_contain')
    const stepsThat = (are: StepStanding) => [...standing].filter(([, one]) => one === are).map(([step]) => step)
    const [unproven, awaited] = [stepsThat('unproven'), stepsThat('awaited')]
    if (unproven.length > 0) return { kind: 'unproven', steps: unproven }
    if (awaited.length > 0) return { kind: 'awaited', steps: awaited }
    await contain(id)
    failpoint('after_contain')
    return { kind: 'contained' }
  }
}
