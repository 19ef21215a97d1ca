import type { Service } from '@portcullis/contracts/service'
import type { SweepName } from '@portcullis/contracts/sweep-name'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** How far a sweep has come. */
export interface SweepRow {
  readonly name: SweepName
  readonly chunkRows: number
  readonly rowsTotal: number
  readonly rowsThisRun: number
  readonly runStartedAt: Date | null
  readonly runEndedAt: Date | null
  readonly lastErrorCode: string | null
  readonly updatedAt: Date
}

/**
 * Begins a run of a sweep and gives the size of its first chunk. A run that another is at, or that was cut off, is joined:
 * its counts go on.
 */
export async function beginSweep(tx: Tx, name: SweepName, chunkRows: number): Promise<number> {
  const [row] = await tx.sql<{ chunkRows: number }[]>`
    insert into sweeps (name, chunk_rows, run_started_at) values (${name}, ${chunkRows}, now())
    on conflict (name) do update set
      rows_this_run = case when sweeps.run_ended_at is null then sweeps.rows_this_run else 0 end,
      run_started_at = case when sweeps.run_ended_at is null then sweeps.run_started_at else now() end,
      run_ended_at = null, last_error_code = null, updated_at = now()
    returning chunk_rows as "chunkRows"`
  if (!row) throw new Error('a sweep that was just written is not there')
  return row.chunkRows
}

/**
 * Adds a chunk to the counts of a sweep, in the chunk's own transaction and as its last statement: others who sweep the
 * same wait for this row from here to the commit.
 */
export async function updateSweepProgress(tx: Tx, name: SweepName, rows: number, chunkRows: number): Promise<void> {
  await tx.sql`
    update sweeps set rows_total = rows_total + ${rows}, rows_this_run = rows_this_run + ${rows},
      chunk_rows = ${chunkRows}, updated_at = now()
    where name = ${name}`
}

/** Says that a run is held up: why, as a code. */
export async function updateSweepHeld(tx: Tx, name: SweepName, code: string): Promise<void> {
  await tx.sql`update sweeps set last_error_code = ${code}, updated_at = now() where name = ${name}`
}

/** Ends a run. `code`: why before its end; null where nothing was left. */
export async function endSweep(tx: Tx, name: SweepName, code: string | null): Promise<void> {
  await tx.sql`
    update sweeps set run_ended_at = now(), last_error_code = ${code}, updated_at = now() where name = ${name}`
}

/** Lists every sweep that ever ran, by name. A row each: there are a few. */
export async function listSweeps(queries: Queries): Promise<SweepRow[]> {
  const rows = await queries.sql<SweepRow[]>`
    select name, chunk_rows as "chunkRows", rows_total::float8 as "rowsTotal", rows_this_run::float8 as "rowsThisRun",
      run_started_at as "runStartedAt", run_ended_at as "runEndedAt", last_error_code as "lastErrorCode",
      updated_at as "updatedAt"
    from sweeps order by name limit 1000`
  return [...rows]
}

/**
 * Seconds since the oldest job of this priority was due that nobody was handed; 0 when there is none. Uses `jobs_due`, one
 * look for each service.
 */
export async function oldestDueSeconds(
  queries: Queries,
  hearers: readonly Service[],
  priority: number,
): Promise<number> {
  const [row] = await queries.sql<{ seconds: number }[]>`
    select coalesce(extract(epoch from now() - min(oldest.run_at)), 0)::float8 as seconds
    from unnest(${[...hearers]}::text[]) as asked (hearer) cross join lateral (
      select run_at from jobs
      where state = 'pending' and hearer = asked.hearer and priority = ${priority} and run_at <= now()
      order by run_at limit 1
    ) as oldest`
  return row?.seconds ?? 0
}
