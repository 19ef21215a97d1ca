import type { Id } from '@portcullis/contracts/ids'
import type { Service } from '@portcullis/contracts/service'
import type { Queries } from '../connect.ts'
import type { Dispatch } from './job.ts'

/** A job that was handed out long ago and that nobody owns. */
export type Overdue = Dispatch

/** Lists jobs published longer ago than `seconds` that nobody owns, oldest first. Uses `jobs_published`. */
export async function listOverdueJobs(queries: Queries, seconds: number, most: number): Promise<Overdue[]> {
  const rows = await queries.sql<Overdue[]>`
    select id, generation, hearer, message from jobs
    where state = 'published' and published_at < now() - ${seconds} * interval '1 s'
      and (lease_until is null or lease_until < now())
    order by published_at limit ${most}`
  return [...rows]
}

/**
 * Puts lost jobs back to pending, due at once. One that has been handed out `generationMost` times without an end is
 * dead: it seems to take its workers with it. A row that somebody works on (locked, or under lease) is left alone.
 */
export async function requeueLostJobs(
  queries: Queries,
  lost: readonly { id: Id<'job'>; generation: number }[],
  generationMost: number,
): Promise<number> {
  const rows = await queries.sql`
    with mine as (
      select jobs.id from jobs join unnest(${lost.map((one) => one.id)}::uuid[],
        ${lost.map((one) => one.generation)}::int[]) as lost (id, generation)
        on jobs.id = lost.id and jobs.generation = lost.generation
      where state = 'published' and (lease_until is null or lease_until < now())
      order by jobs.id for update of jobs skip locked
    )
    update jobs set
      state = case when generation >= ${generationMost} then 'dead' else 'pending' end,
      last_error_code = case when generation >= ${generationMost} then 'lost_too_often' else 'lost' end,
      done_at = case when generation >= ${generationMost} then now() end,
      run_at = now(), lease_until = null
    from mine where jobs.id = mine.id returning jobs.id`
  return rows.length
}

/** Puts every job that is handed out and that nobody owns back to pending: the queues have lost their memory. */
export async function requeueAllPublishedJobs(queries: Queries): Promise<number> {
  const rows = await queries.sql`
    with mine as (
      select id from jobs where state = 'published' and (lease_until is null or lease_until < now())
      for update skip locked
    )
    update jobs set state = 'pending', last_error_code = 'lost', run_at = now(), lease_until = null
    from mine where jobs.id = mine.id returning jobs.id`
  return rows.length
}

/** Deletes up to `most` jobs that were done longer ago than `days`; dead ones stay three times as long. Uses `jobs_ended`. */
export async function deleteOldJobs(queries: Queries, days: number, most: number): Promise<number> {
  const rows = await queries.sql`
    with old as (
      select id from jobs
      where state in ('done', 'dead') and done_at < now() - ${days} * interval '1 day'
        and (state = 'done' or done_at < now() - 3 * ${days} * interval '1 day')
      order by done_at limit ${most} for update skip locked
    )
    delete from jobs using old where jobs.id = old.id returning jobs.id`
  return rows.length
}

/** How far behind each hearer is: the signal to scale by. */
export interface Lag {
  readonly hearer: Service
  /** Those in the ledger, due or not. */
  readonly pending: number
  /** Those in the ledger that are due. */
  readonly due: number
  /** Those that were handed out and are not over. */
  readonly published: number
  /** Of these, those with effects, or long ones, that a worker owns. */
  readonly running: number
  readonly dead: number
  /** Seconds since the oldest due job that nobody finished was due; 0 when there is none. */
  readonly oldestSeconds: number
}

/**
 * Measures the lag of each hearer that has any open or dead job. By `jobs_due`, `jobs_published` and `jobs_dead` only:
 * asked in one condition, the whole history would be read each time.
 */
export async function measureLag(queries: Queries): Promise<Lag[]> {
  const rows = await queries.sql<Lag[]>`
    select hearer, count(*) filter (where state = 'pending')::int as pending,
      count(*) filter (where state = 'pending' and run_at <= now())::int as due,
      count(*) filter (where state = 'published')::int as published,
      count(*) filter (where state = 'published' and lease_until > now())::int as running,
      count(*) filter (where state = 'dead')::int as dead,
      coalesce(extract(epoch from now() - min(run_at) filter (where state <> 'dead' and run_at <= now())), 0)::float8
        as "oldestSeconds"
    from (
      select hearer, state, run_at, lease_until from jobs where state = 'pending'
      union all select hearer, state, run_at, lease_until from jobs where state = 'published'
      union all select hearer, state, run_at, lease_until from jobs where state = 'dead'
    ) as open group by hearer`
  return [...rows]
}
