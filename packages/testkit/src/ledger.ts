import type { Id } from '@portcullis/contracts/ids'
import type { Service } from '@portcullis/contracts/service'
import type { Database, Queries } from '@portcullis/db/connect'
import { claimDueJobs, type Dispatch, insertJobs, type NewJob } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'

/** A job to be written: a notice for the notifier, unless given otherwise. */
export function makeJob(given: Partial<NewJob> = {}): NewJob {
  return {
    id: newId('job'),
    message: 'send.notice',
    version: 1,
    hearer: 'notifier',
    payload: { noticeId: newId('notice') },
    priority: 0,
    traceparent: undefined,
    ...given,
  }
}

/** Writes a job for each given part, in one transaction; returns their ids in that order. */
export async function enqueue(database: Database, ...given: readonly Partial<NewJob>[]): Promise<Id<'job'>[]> {
  const jobs = given.map((one) => makeJob(one))
  await inTransaction(database, (tx) => insertJobs(tx, jobs))
  return jobs.map((job) => job.id)
}

/** Hands out everything that is due for a service, as a relay would. */
export async function claimAll(queries: Queries, hearer: Service = 'notifier'): Promise<Dispatch[]> {
  return claimDueJobs(queries, [{ hearer, most: 1000 }])
}

/** A row of the ledger as a test sees it. */
export interface JobRow {
  readonly id: Id<'job'>
  readonly message: string
  readonly hearer: Service
  readonly payload: unknown
  readonly state: 'pending' | 'published' | 'done' | 'dead'
  readonly generation: number
  readonly epoch: number
  readonly attempts: number
  readonly code: string | null
  /** Whether some execution owns it now. */
  readonly leased: boolean
  /** Seconds until it is due; negative when it is overdue. */
  readonly dueSeconds: number
}

/** Reads the whole ledger, in order of ids, which is the order in which one process enqueued. */
export async function readJobs(queries: Queries): Promise<JobRow[]> {
  const rows = await queries.sql<JobRow[]>`
    select id, message, hearer, payload, state, generation, epoch, attempts, last_error_code as code,
      coalesce(lease_until > clock_timestamp(), false) as leased,
      extract(epoch from run_at - clock_timestamp())::float8 as "dueSeconds"
    from jobs order by id`
  return [...rows]
}

/** Reads one job. */
export async function readJob(queries: Queries, id: Id<'job'>): Promise<JobRow> {
  const row = (await readJobs(queries)).find((job) => job.id === id)
  if (!row) throw new Error('no such job')
  return row
}
