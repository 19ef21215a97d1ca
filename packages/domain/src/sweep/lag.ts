import { priorities } from '@portcullis/contracts/messages/message'
import { services } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { oldestDueSeconds } from '@portcullis/db/queries/sweep'
import { withStore } from '@portcullis/db/transaction'
import type { Clock } from '@portcullis/runtime/clock'

/** From when on bulk work makes way. */
export interface LagLimits {
  /** Round trip of one small statement, in milliseconds: what each statement of a login waits. */
  readonly roundTripMs: number
  /** How long a security job may be due without being handed out. */
  readonly securityJobSeconds: number
}

/** Why bulk work makes way. */
export type LagCode = 'store_slow' | 'security_jobs_late'

/** Looks whether the store lags now: the code, or `undefined` while all is well. */
export type LagProbe = () => Promise<LagCode | undefined>

/**
 * Makes a probe that asks the store what a login would feel. `database` is to be a connection of its own: behind the
 * chunks of a sweep it would measure those.
 */
export function createLagProbe(database: Database, clock: Clock, limits: LagLimits): LagProbe {
  return async () => {
    const began = clock.monotonicMs()
    const seconds = await withStore(database, (queries) => oldestDueSeconds(queries, services, priorities.security))
    if (clock.monotonicMs() - began > limits.roundTripMs) return 'store_slow'
    return seconds > limits.securityJobSeconds ? 'security_jobs_late' : undefined
  }
}
