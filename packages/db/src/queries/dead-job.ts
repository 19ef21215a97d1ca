import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** A row of the ledger as an operator sees it. */
export interface JobRow {
  readonly id: Id<'job'>
  readonly message: string
  readonly hearer: string
  readonly state: 'pending' | 'published' | 'done' | 'dead'
  readonly running: boolean
  readonly attempts: number
  readonly generation: number
  readonly code: string | null
  readonly payload: Record<string, unknown>
  readonly createdAt: Date
  readonly dueAt: Date
  readonly endedAt: Date | null
}

/** Which jobs. What is absent does not count. */
export interface JobFilter {
  readonly message?: string | undefined
  readonly hearer?: string | undefined
  readonly code?: string | undefined
}

function columns(queries: Queries) {
  return queries.sql`
    id, message, hearer, state, coalesce(lease_until > now(), false) as running, attempts, generation,
    last_error_code as code, payload, created_at as "createdAt", run_at as "dueAt", done_at as "endedAt"`
}

function holds(queries: Queries, { message, hearer, code }: JobFilter) {
  return queries.sql`(${message ?? null}::text is null or message = ${message ?? null})
    and (${hearer ?? null}::text is null or hearer = ${hearer ?? null})
    and (${code ?? null}::text is null or last_error_code = ${code ?? null})`
}

/** A page of jobs and where it ended; `lastId` undefined on the last. */
export interface JobPage {
  readonly rows: readonly JobRow[]
  readonly lastId: Id<'job'> | undefined
}

/** Where a page begins and how much it holds. */
export interface JobPageWish {
  readonly beforeId: Id<'job'> | undefined
  readonly most: number
}

/** Of what is done a page looks at so many rows: nobody reads a whole history for the sake of a rare message. */
const doneLookMost = 5000

/**
 * A page of jobs of a state, the newest first. Those that are not over, or dead, are found by the index of their state, however
 * long the history is.
 */
export async function listJobs(
  queries: Queries,
  state: JobRow['state'],
  filter: JobFilter,
  page: JobPageWish,
): Promise<JobPage> {
  return state === 'done' ? listDoneJobs(queries, filter, page) : listOpenJobs(queries, state, filter, page)
}

async function listOpenJobs(
  queries: Queries,
  state: Exclude<JobRow['state'], 'done'>,
  filter: JobFilter,
  { beforeId, most }: JobPageWish,
): Promise<JobPage> {
  // Said in the statement's own text, so that the partial index of the state can serve; materialized, so that the primary key does not.
  const inState = {
    pending: queries.sql`state = 'pending'`,
    published: queries.sql`state = 'published'`,
    dead: queries.sql`state = 'dead'`,
  }[state]
  const found = await queries.sql<JobRow[]>`
    with open as materialized (
      select id from jobs where ${inState} and ${holds(queries, filter)}
    ), page as (
      select id from open where ${beforeId ?? null}::uuid is null or id < ${beforeId ?? null} order by id desc limit ${most + 1}
    )
    select ${columns(queries)} from jobs where id in (select id from page) order by id desc`
  const rows = found.slice(0, most)
  return { rows, lastId: found.length > most ? rows.at(-1)?.id : undefined }
}

async function listDoneJobs(queries: Queries, filter: JobFilter, { beforeId, most }: JobPageWish): Promise<JobPage> {
  const found = await queries.sql<(JobRow & { readonly fits: boolean; readonly place: number })[]>`
    with looked as (
      select *, state = 'done' and ${holds(queries, filter)} as fits from jobs
      where id < coalesce(${beforeId ?? null}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      order by id desc limit ${doneLookMost}
    ), numbered as (
      select *, (row_number() over newest)::int as place, count(*) filter (where fits) over newest as fitting
      from looked window newest as (order by id desc)
    )
    select ${columns(queries)}, fits, place from numbered
    where fits and fitting <= ${most} or place = ${doneLookMost} and fitting < ${most} order by id desc`
  const rows = found.filter((row) => row.fits).map(({ fits: _fits, place: _place, ...row }) => row)
  // A full page, or one that gave up looking: there may be more after its last row.
  const isMore = rows.length === most || found.at(-1)?.place === doneLookMost
  return { rows, lastId: isMore ? found.at(-1)?.id : undefined }
}

/** Reads one job. */
export async function findJob(queries: Queries, id: Id<'job'>): Promise<JobRow | undefined> {
  const [row] = await queries.sql<JobRow[]>`select ${columns(queries)} from jobs where id = ${id}`
  return row
}

/** Locks a dead job; `undefined` for one that is not there or not dead. */
export async function lockDeadJob(tx: Tx, id: Id<'job'>): Promise<JobRow | undefined> {
  const [row] = await tx.sql<JobRow[]>`
    select ${columns(tx)} from jobs where id = ${id} and coalesce(state, '') = 'dead' for update`
  return row
}

/** Makes a dead job due at once under the next generation, with all its attempts. It must be locked. */
export async function replayDeadJob(tx: Tx, id: Id<'job'>): Promise<void> {
  await tx.sql`update jobs set ${asReplayed(tx)}, run_at = now() where id = ${id}`
  tx.wakeAfterCommit()
}

/** Ends a dead job as done. It must be locked. */
export async function discardDeadJob(tx: Tx, id: Id<'job'>): Promise<void> {
  await tx.sql`
    update jobs set state = 'done', last_error_code = 'discarded', done_at = now() where id = ${id}`
}

/** How many at a time, and how fast they become due. */
export interface ReplayPace {
  readonly most: number
  readonly ratePerSecond: number
}

/**
 * Makes dead jobs due again, the oldest first, spread over time. Returns how many, and how many the filter still finds: those that
 * somebody else has locked are left. Uses `jobs_dead`.
 */
export async function replayDeadJobs(
  tx: Tx,
  filter: JobFilter,
  { most, ratePerSecond }: ReplayPace,
): Promise<{ readonly replayed: number; readonly left: number }> {
  const rows = await tx.sql`
    with dead as materialized (
      select id from jobs where state = 'dead' and ${holds(tx, filter)}
    ), picked as materialized (
      select jobs.id from jobs join dead on dead.id = jobs.id order by jobs.id limit ${most} for update of jobs skip locked
    ), mine as (
      select id, row_number() over (order by id) - 1 as place from picked
    )
    update jobs set ${asReplayed(tx)}, run_at = now() + mine.place / ${ratePerSecond}::float8 * interval '1 s'
    from mine where jobs.id = mine.id and jobs.state = 'dead' returning jobs.id`
  const [row] = await tx.sql<{ left: number }[]>`
    select count(*)::int as left from jobs where state = 'dead' and ${holds(tx, filter)}`
  if (rows.length > 0) tx.wakeAfterCommit()
  return { replayed: rows.length, left: row?.left ?? 0 }
}

/** The attempts begin anew; the generation goes on, so that no delivery of old is taken for this one. */
function asReplayed(tx: Tx) {
  return tx.sql`
    state = 'pending', generation = generation + 1, attempts = 0, last_error_code = 'replayed', published_at = null,
    done_at = null, lease_until = null`
}
