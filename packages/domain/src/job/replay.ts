import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import {
  discardDeadJob,
  findJob,
  type JobFilter,
  type JobRow,
  lockDeadJob,
  replayDeadJob,
  replayDeadJobs,
} from '@portcullis/db/queries/dead-job'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import { type Operator, requireOperator } from './operator.ts'

/** Of those that a filter finds, so many are replayed at a time. */
const replayMost = 10_000

/** So many become due in a second, unless said otherwise. */
export const replayRatePerSecond = 50

/** A job that an operator decides about, and why. */
export interface JobDecision {
  readonly operator: Operator
  readonly id: Id<'job'>
  readonly reason: string
}

/**
 * Makes a dead job due again, with all its attempts, as the same job: what it did already is known and not done again. Audited.
 * Throws `Failure`: `not_found`, `job_not_dead`.
 */
export function replayJob(database: Database, decision: JobDecision): Promise<JobRow> {
  return decide(database, decision, 'job_replayed', replayDeadJob)
}

/** Ends a dead job as done: what it was to do is not done. Audited. Throws `Failure`: `not_found`, `job_not_dead`. */
export function discardJob(database: Database, decision: JobDecision): Promise<JobRow> {
  return decide(database, decision, 'job_discarded', discardDeadJob)
}

function decide(
  database: Database,
  { operator, id, reason }: JobDecision,
  action: AuditAction,
  write: (tx: Tx, id: Id<'job'>) => Promise<void>,
): Promise<JobRow> {
  return inTransaction(database, async (tx) => {
    const asOperator = await requireOperator(tx, operator, 'jobs.replay')
    const dead = await lockDeadJob(tx, id)
    if (!dead) throw new Failure((await findJob(tx, id)) ? 'job_not_dead' : 'not_found')
    await write(tx, id)
    const { message, hearer, code } = dead
    await recordFacts(tx, [
      asOperator({ action, subject: { kind: 'job', id }, details: { message, hearer, code, reason } }),
    ])
    const decided = await findJob(tx, id)
    if (!decided) throw new Error('a job that was just written is not there')
    return decided
  })
}

/** Which dead jobs: by what a filter says, or every one, which is said and never meant by leaving out. */
export type ReplayWish = JobFilter & {
  readonly everything?: true | undefined
  readonly ratePerSecond?: number | undefined
  readonly reason: string
}

/** What came of it. */
export interface ReplayedJobs {
  readonly replayed: number
  /** So many are dead still. */
  readonly left: number
  /** Whole seconds until the last of them is due. */
  readonly lastDueSeconds: number
}

/** Replays dead jobs by filter, the oldest first, 10,000 at a time, spread over time. One audit event tells of all. */
export function replayJobs(database: Database, operator: Operator, wish: ReplayWish): Promise<ReplayedJobs> {
  const { everything, ratePerSecond = replayRatePerSecond, reason, ...filter } = wish
  const isNamed = Object.values(filter).some((one) => one !== undefined)
  // The surface refuses it already: a mistake here would be one that touches every job.
  if (isNamed === (everything === true)) throw new Error('a replay names a filter, or everything')
  return inTransaction(database, async (tx) => {
    const asOperator = await requireOperator(tx, operator, 'jobs.replay')
    const { replayed, left } = await replayDeadJobs(tx, filter, { most: replayMost, ratePerSecond })
    const details = { ...filter, ...(everything && { everything }), ratePerSecond, replayed, left, reason }
    const subject = { kind: 'job_replay', id: newUuid() }
    if (replayed > 0) await recordFacts(tx, [asOperator({ action: 'jobs_replayed', subject, details })])
    return { replayed, left, lastDueSeconds: replayed === 0 ? 0 : Math.ceil((replayed - 1) / ratePerSecond) }
  })
}
