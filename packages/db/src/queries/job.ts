import type { Id } from '@portcullis/contracts/ids'
import type { Service } from '@portcullis/contracts/service'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { unpausable, wholeQueue } from './queue-pause.ts'

/** A row of the ledger to be written. */
export interface NewJob {
  readonly id: Id<'job'>
  readonly message: string
  readonly version: number
  readonly hearer: Service
  readonly payload: Record<string, unknown>
  readonly priority: number
  readonly traceparent: string | undefined
  /** Wait so long before it is due. Default 0. */
  readonly delayMs?: number
}

/** Writes jobs in the caller's transaction: they exist if, and only if, the change does. */
export async function insertJobs(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  await tx.sql`
    insert into jobs (id, message, version, hearer, payload, priority, traceparent, run_at)
    select id, message, version, hearer, payload::jsonb, priority, traceparent, now() + delay_ms * interval '1 ms'
    from unnest(
      ${jobs.map((job) => job.id)}::uuid[], ${jobs.map((job) => job.message)}::text[],
      ${jobs.map((job) => job.version)}::smallint[], ${jobs.map((job) => job.hearer)}::text[],
      ${jobs.map((job) => JSON.stringify(job.payload))}::text[], ${jobs.map((job) => job.priority)}::smallint[],
      ${jobs.map((job) => job.traceparent ?? null)}::text[], ${jobs.map((job) => job.delayMs ?? 0)}::int[]
    ) as new (id, message, version, hearer, payload, priority, traceparent, delay_ms)`
  tx.wakeAfterCommit()
}

/** A tick to be written: a job with a slot. */
export interface NewTick extends NewJob {
  /** `message@service@slot number`: unique, so that many relays make one. */
  readonly slot: string
}

/** Writes the ticks whose slot nobody has written yet. Returns how many were new. */
export async function insertTicks(queries: Queries, ticks: readonly NewTick[]): Promise<number> {
  const rows = await queries.sql`
    insert into jobs (id, message, version, hearer, payload, priority, slot)
    select id, message, version, hearer, payload::jsonb, priority, slot
    from unnest(
      ${ticks.map((tick) => tick.id)}::uuid[], ${ticks.map((tick) => tick.message)}::text[],
      ${ticks.map((tick) => tick.version)}::smallint[], ${ticks.map((tick) => tick.hearer)}::text[],
      ${ticks.map((tick) => JSON.stringify(tick.payload))}::text[], ${ticks.map((tick) => tick.priority)}::smallint[],
      ${ticks.map((tick) => tick.slot)}::text[]
    ) as new (id, message, version, hearer, payload, priority, slot)
    on conflict (slot) where slot is not null do nothing
    returning id`
  return rows.length
}

/** The number of the present slot of each period, by the store's clock: `floor(now / seconds)`. */
export async function listSlots(queries: Queries, everySeconds: readonly number[]): Promise<number[]> {
  const rows = await queries.sql<{ slot: string }[]>`
    select floor(extract(epoch from now()) / every)::bigint as slot
    from unnest(${[...everySeconds]}::int[]) with ordinality as period (every, place) order by place`
  return rows.map((row) => Number(row.slot))
}

/** One handing-out of a job: `<id>_<generation>` names it in its queue. */
export interface Dispatch {
  readonly id: Id<'job'>
  readonly generation: number
  readonly hearer: Service
  readonly message: string
}

/** How many jobs a hearer may be handed now. */
export interface Room {
  readonly hearer: Service
  readonly most: number
}

/**
 * Hands out due jobs, the most urgent of each hearer, and in that order: marks them published under the next generation.
 * Any number of callers may do so at once; no two get the same generation of a job. What an operator has paused is left
 * where it is. Uses `jobs_due`.
 */
export async function claimDueJobs(queries: Queries, rooms: readonly Room[]): Promise<Dispatch[]> {
  const rows = await queries.sql<Dispatch[]>`
    with room as (
      select hearer, most, coalesce(messages, '{}') as paused, coalesce(${wholeQueue} = any(messages), false) as whole
      from unnest(${rooms.map((room) => room.hearer)}::text[], ${rooms.map((room) => room.most)}::int[])
        as given (hearer, most)
      cross join lateral (
        select array_agg(message) as messages from queue_pauses where queue_pauses.hearer = given.hearer
      ) as pause
    ), due as (
      select picked.id
      from room cross join lateral (
        select id from jobs
        where state = 'pending' and jobs.hearer = room.hearer and run_at <= now()
          and (not room.whole and message <> all(room.paused) or message = any(${unpausable.messages}))
        order by priority, run_at limit room.most for update skip locked
      ) as picked
      where not room.whole or room.hearer = any(${unpausable.hearers})
    ), handed as (
      update jobs set state = 'published', generation = generation + 1, published_at = now(), lease_until = null
      from due where jobs.id = due.id
      returning jobs.id, jobs.generation, jobs.hearer, jobs.message, jobs.priority, jobs.run_at
    )
    select id, generation, hearer, message from handed order by priority, run_at`
  return [...rows]
}

/** Takes back what could not be handed out after all. A dispatch that was taken up meanwhile is left alone. */
export async function takeBackJobs(queries: Queries, dispatches: readonly Dispatch[]): Promise<void> {
  await queries.sql`
    update jobs set state = 'pending', published_at = null
    from unnest(${dispatches.map((dispatch) => dispatch.id)}::uuid[],
                ${dispatches.map((dispatch) => dispatch.generation)}::int[]) as back (id, generation)
    where jobs.id = back.id and jobs.generation = back.generation and jobs.state = 'published'
      and jobs.lease_until is null`
}

/** A job under the caller's lock. */
export interface LockedJob {
  readonly id: Id<'job'>
  readonly message: string
  readonly version: number
  readonly hearer: Service
  readonly payload: unknown
  readonly attempts: number
  readonly epoch: number
  readonly generation: number
  readonly createdAt: Date
  /** Seconds since it was enqueued, by the store's clock. */
  readonly ageSeconds: number
  readonly operationId: string | null
  readonly traceparent: string | null
  /** An execution of this very generation began, counted itself as an attempt, and its lease ran out. */
  readonly begun: boolean
}

/** The same as `state = 'published'`, but out of sight of the index of all that is published: these rows go by id. */
const isPublished = (tx: Tx) => tx.sql`coalesce(state, '') = 'published'`

/**
 * Locks the delivered jobs for this transaction, each once however often it was delivered. A missing row means: done, handed out again since, or somebody else
 * is at it, so the delivery is a duplicate and is to be ignored.
 */
export async function lockDeliveredJobs(
  tx: Tx,
  deliveries: readonly { id: Id<'job'>; generation: number }[],
): Promise<LockedJob[]> {
  const rows = await tx.sql<LockedJob[]>`
    select jobs.id, message, version, hearer, payload, attempts, epoch, jobs.generation, created_at as "createdAt",
      extract(epoch from now() - created_at)::float8 as "ageSeconds", operation_id as "operationId", traceparent,
      lease_until is not null as begun
    from jobs join (
      select distinct id, generation from unnest(${deliveries.map((delivery) => delivery.id)}::uuid[],
        ${deliveries.map((delivery) => delivery.generation)}::int[]) as given (id, generation)
    ) as delivery
      on jobs.id = delivery.id and jobs.generation = delivery.generation
    where ${isPublished(tx)} and (lease_until is null or lease_until < now())
    order by jobs.id
    for update of jobs skip locked`
  return [...rows]
}

/** Begins an execution with effects: next epoch, one more attempt, and a lease. Returns the epoch of each. */
export async function leaseJobs(
  tx: Tx,
  ids: readonly Id<'job'>[],
  leaseSeconds: number,
): Promise<Map<Id<'job'>, number>> {
  const rows = await tx.sql<{ id: Id<'job'>; epoch: number }[]>`
    update jobs set epoch = epoch + 1, attempts = attempts + 1, lease_until = now() + ${leaseSeconds} * interval '1 s'
    where id = any(${[...ids]}::uuid[]) returning id, epoch`
  return new Map(rows.map((row) => [row.id, row.epoch]))
}

/** An execution that claims to own a job. */
export interface Ownership {
  readonly id: Id<'job'>
  readonly epoch: number
}

/**
 * Locks those jobs whose newest execution is the given one. A missing id means that it lost its lease and somebody
 * began anew: it must write nothing more.
 */
export async function lockOwnedJobs(tx: Tx, owned: readonly Ownership[]): Promise<Set<Id<'job'>>> {
  const rows = await tx.sql<{ id: Id<'job'> }[]>`
    select jobs.id from jobs
    join unnest(${owned.map((one) => one.id)}::uuid[], ${owned.map((one) => one.epoch)}::int[]) as mine (id, epoch)
      on jobs.id = mine.id and jobs.epoch = mine.epoch
    where ${isPublished(tx)}
    order by jobs.id
    for update of jobs`
  return new Set(rows.map((row) => row.id))
}

/** Extends the lease of an execution that is still the newest; `false` when it is not. */
export async function extendLease(tx: Tx, owned: Ownership, leaseSeconds: number): Promise<boolean> {
  const rows = await tx.sql`
    update jobs set lease_until = now() + ${leaseSeconds} * interval '1 s'
    where id = ${owned.id} and epoch = ${owned.epoch} and state = 'published' returning id`
  return rows.length === 1
}

/** How a job is to stand after an execution. */
export interface Settlement {
  readonly id: Id<'job'>
  readonly state: 'done' | 'pending' | 'dead'
  /** Why: null for a plain `done`. */
  readonly code: string | null
  /** For `pending`: when it is due again. */
  readonly delayMs: number
  /** What to add to `attempts`: 1 for a failed execution that had not counted itself, -1 for one that had and was put off. */
  readonly attempts: -1 | 0 | 1
}

/** Writes the end of executions. The rows must be locked by this transaction. */
export async function settleJobs(tx: Tx, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return
  await tx.sql`
    update jobs set state = ended.state, last_error_code = ended.code, attempts = jobs.attempts + ended.attempts,
      lease_until = null, done_at = case when ended.state = 'pending' then null else now() end,
      run_at = case when ended.state = 'pending' then now() + ended.delay_ms * interval '1 ms' else run_at end
    from unnest(
      ${settlements.map((one) => one.id)}::uuid[], ${settlements.map((one) => one.state)}::text[],
      ${settlements.map((one) => one.code)}::text[], ${settlements.map((one) => one.delayMs)}::int[],
      ${settlements.map((one) => one.attempts)}::smallint[]
    ) as ended (id, state, code, delay_ms, attempts)
    where jobs.id = ended.id`
}
