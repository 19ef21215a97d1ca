import { Failure } from '@portcullis/contracts/errors'
import { findMessage } from '@portcullis/contracts/messages/index'
import type { LockedJob, Settlement } from '@portcullis/db/queries/job'
import { backoffMs } from '@portcullis/runtime/backoff'
import { randomFraction } from '@portcullis/runtime/random'
import type { Outcome } from './outcome.ts'

/** Waits between attempts: half a second to a second at first, doubling up to ten minutes. */
const retryBackoff = { baseMs: 1000, capMs: 600_000 }

/** How many attempts a job of unknown message is worth. */
const attemptsMostUnknown = 12

/**
 * Turns the outcome of an execution into how the job is to stand. `counted`: the execution counted itself as an
 * attempt when it began (those with effects do, so that a crash counts too).
 */
export function settle(job: LockedJob, outcome: Outcome, counted: boolean): Settlement {
  const base = { id: job.id, delayMs: 0, attempts: 0 as const }
  switch (outcome.kind) {
    case 'done':
      return { ...base, state: 'done', code: null }
    case 'skip':
      return { ...base, state: 'done', code: outcome.why }
    case 'stop':
      return { ...base, state: 'dead', code: outcome.code }
    case 'later':
      // Put off is not tried: one that counted itself when it began takes that back.
      return {
        ...base,
        state: 'pending',
        code: outcome.why,
        delayMs: Math.round(outcome.delayMs),
        attempts: counted ? -1 : 0,
      }
    case 'failed': {
      const attempts = job.attempts + 1
      const most = findMessage(job.message)?.attemptsMost ?? attemptsMostUnknown
      const more = attempts < most
      return {
        ...base,
        state: more ? 'pending' : 'dead',
        code: outcome.code,
        delayMs: more ? Math.round(backoffMs(attempts, retryBackoff, randomFraction())) : 0,
        attempts: counted ? 0 : 1,
      }
    }
  }
}

/** A code for the ledger: never the text of an error, which may hold anything. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof Failure) return error.code
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code)) {
    return error.code.toLowerCase()
  }
  return 'unexpected_error'
}
