import type { Id } from '@portcullis/contracts/ids'
import type { KindCounts, RevocationKind, RevocationState } from '@portcullis/contracts/revocation'
import type { Selector } from '@portcullis/contracts/selector'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** A draft to be written. */
export interface NewRevocation {
  readonly id: Id<'revocation'>
  readonly selector: Selector
  readonly kinds: readonly RevocationKind[]
  readonly reason: string
  readonly createdBy: Id<'account'>
  readonly createdBySession: Id<'session'>
  readonly sparesOwnSession: boolean
  readonly fence: boolean
  readonly ratePerSecond: number | null
}

/** A bulk revocation as it stands. */
export interface RevocationRow extends NewRevocation {
  readonly state: RevocationState
  readonly needsApproval: boolean
  readonly approvedBy: Id<'account'> | null
  readonly approvedAt: Date | null
  readonly counts: KindCounts & { readonly accounts: number }
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly startedBy: Id<'account'> | null
  readonly endedAt: Date | null
  readonly undoUntil: Date | null
  readonly undoneAt: Date | null
  readonly undoneBy: Id<'account'> | null
  readonly revoked: KindCounts | null
  readonly restored: KindCounts | null
  readonly done: number
  readonly total: number
  /** Accounts in a second, since it last went on; null while it is not at work or has done nothing yet. */
  readonly perSecond: number | null
  /** Whether the draft may still be started: within 24 hours. */
  readonly isFresh: boolean
  /** Whether it may still be undone. */
  readonly isUndoable: boolean
}

/** Writes a draft with its operation. Its counts follow with its targets. */
export async function insertRevocation(tx: Tx, one: NewRevocation): Promise<void> {
  await tx.sql`
    insert into operations (id, kind, actor, actor_id, status)
    values (${one.id}, 'bulk_revocation', 'admin', ${one.createdBy}, 'paused')`
  await tx.sql`
    insert into bulk_revocations (id, selector, kinds, reason, created_by, created_by_session, spares_own_session,
      needs_approval, counts, fence, rate_per_second, global_epoch, frozen_at)
    values (${one.id}, ${JSON.stringify(one.selector)}::text::jsonb, ${[...one.kinds]}::text[], ${one.reason},
      ${one.createdBy}, ${one.createdBySession}, ${one.sparesOwnSession}, true, '{}', ${one.fence}, ${one.ratePerSecond},
      coalesce((select epoch from fences), 1), now())`
}

/** Writes what the dry run counted. */
export async function updateRevocationCounted(
  tx: Tx,
  id: Id<'revocation'>,
  counts: RevocationRow['counts'],
  needsApproval: boolean,
): Promise<void> {
  await tx.sql`
    update bulk_revocations set counts = ${JSON.stringify(counts)}::text::jsonb, needs_approval = ${needsApproval}
    where id = ${id}`
  await tx.sql`update operations set total = ${counts.accounts} where id = ${id}`
}

/** Reads one. */
export async function findRevocation(queries: Queries, id: Id<'revocation'>): Promise<RevocationRow | undefined> {
  const [row] = await queries.sql<RevocationRow[]>`
    select ${columns(queries)} from bulk_revocations as revocation join operations as operation on operation.id = revocation.id
    where revocation.id = ${id}`
  return row
}

/** Lists up to `limit`, the newest first, that are older than `before`. */
export async function listRevocations(
  queries: Queries,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<RevocationRow[]> {
  const rows = await queries.sql<RevocationRow[]>`
    select ${columns(queries)} from bulk_revocations as revocation join operations as operation on operation.id = revocation.id
    where (${before}::uuid is null or revocation.id < ${before}) order by revocation.id desc limit ${limit}`
  return [...rows]
}

/**
 * Waits until no chunk of it is under way, and holds off the next until this transaction is over: from the commit on what was
 * decided holds. Locks of this kind queue up, so a stream of chunks cannot keep the caller waiting.
 */
export async function lockRevocation(tx: Tx, id: Id<'revocation'>): Promise<RevocationRow | undefined> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${id}, 7))`
  return findRevocation(tx, id)
}

/** Lets chunks work side by side, and none while somebody decides. Gives what it is to do now. */
export async function joinRevocation(
  tx: Tx,
  id: Id<'revocation'>,
): Promise<Pick<RevocationRow, 'state' | 'ratePerSecond'> | undefined> {
  await tx.sql`select pg_advisory_xact_lock_shared(hashtextextended(${id}, 7))`
  const [row] = await tx.sql<Pick<RevocationRow, 'state' | 'ratePerSecond'>[]>`
    select state, rate_per_second as "ratePerSecond" from bulk_revocations where id = ${id}`
  return row
}

/** What the watchers of an operation see in each state. */
const statuses = {
  draft: 'paused',
  approved: 'paused',
  running: 'running',
  paused: 'paused',
  cancelled: 'cancelled',
  done: 'done',
  undoing: 'running',
  undone: 'done',
  failed: 'failed',
} as const satisfies Record<RevocationState, string>

/** Gives it another state, and its operation what follows. It must be locked by `lockRevocation`. */
export async function updateRevocationState(
  tx: Tx,
  id: Id<'revocation'>,
  state: RevocationState,
  by: Id<'account'> | null,
): Promise<void> {
  const isWorking = state === 'running' || state === 'undoing'
  const isOver = ['cancelled', 'done', 'undone', 'failed'].includes(state)
  await tx.sql`
    update bulk_revocations as revocation set state = ${state},
      approved_by = case when ${state} = 'approved' then ${by}::uuid else revocation.approved_by end,
      approved_at = case when ${state} = 'approved' then now() else revocation.approved_at end,
      started_by = case when ${state} = 'running' then coalesce(revocation.started_by, ${by}::uuid) else revocation.started_by end,
      started_at = case when ${state} = 'running' then coalesce(revocation.started_at, now()) else revocation.started_at end,
      ended_at = case when ${state} in ('done', 'cancelled') then now() else revocation.ended_at end,
      undo_until = case when ${state} in ('done', 'cancelled') and revocation.started_at is not null
        then now() + interval '24 hours' else revocation.undo_until end,
      undone_by = case when ${state} = 'undoing' then ${by}::uuid else revocation.undone_by end,
      undone_at = case when ${state} = 'undone' then now() else revocation.undone_at end,
      running_since = case when ${isWorking} then now() end,
      done_before = case when ${state} = 'undoing' then 0 else operation.done end
    from operations as operation where operation.id = revocation.id and revocation.id = ${id}`
  await tx.sql`
    update operations set status = ${statuses[state]}, ended_at = case when ${isOver} then now() end,
      done = case when ${state} = 'undoing' then 0 else done end,
      total = case when ${state} = 'undoing'
        then (select count(*) from revocation_targets where revocation_id = ${id} and state = 'done') else total end,
      updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
    where id = ${id}`
}

/**
 * Raises the house's fence: every credential that was issued before is void, from the commit on. `spared`: a session that is
 * carried over. Credentials of the revocation are judged under the epoch before.
 */
export async function raiseHouseFence(tx: Tx, id: Id<'revocation'>, spared: Id<'session'> | null): Promise<void> {
  await tx.sql`
    insert into fences (id, epoch) values (1, 2) on conflict (id) do update set epoch = fences.epoch + 1, raised_at = now()`
  await tx.sql`update bulk_revocations set global_epoch = (select epoch - 1 from fences) where id = ${id}`
  await tx.sql`
    update sessions set global_epoch = (select epoch from fences)
    where id = ${spared} and revoked_at is null and global_epoch = (select epoch - 1 from fences)`
}

/** Credentials in a second that the last revocation at full speed came to; undefined before the first of some size. */
export async function findLastPace(queries: Queries): Promise<number | undefined> {
  const [row] = await queries.sql<{ pace: number }[]>`
    select ((revoked->>'sessions')::int + (revoked->>'apiKeys')::int + (revoked->>'sshKeys')::int)
      / extract(epoch from ended_at - running_since)::float8 as pace
    from (
      select revoked, ended_at, started_at as running_since from bulk_revocations
      where state in ('done', 'undone') and rate_per_second is null and ended_at > started_at + interval '1 s'
      order by id desc limit 1
    ) as last`
  return row?.pace
}

/** An audit event about a bulk revocation itself. */
export interface RevocationEvent {
  readonly id: Id<'auditEvent'>
  readonly occurredAt: Date
  readonly action: string
  readonly actor: string
  readonly actorId: string | null
  readonly details: Record<string, unknown>
}

/** Lists the audit events of one, oldest first, up to `most`. Uses `audit_events_action`. */
export async function listRevocationEvents(
  queries: Queries,
  id: Id<'revocation'>,
  actions: readonly string[],
  most: number,
): Promise<RevocationEvent[]> {
  const rows = await queries.sql<RevocationEvent[]>`
    select event.id, event.occurred_at as "occurredAt", event.action, event.actor, event.actor_id as "actorId", event.details
    from bulk_revocations as revocation join audit_events as event on event.occurred_at >= revocation.created_at
      and event.action = any(${[...actions]}::text[]) and event.subject_id = revocation.id
    where revocation.id = ${id} order by event.occurred_at, event.id limit ${most}`
  return [...rows]
}

function columns(queries: Queries) {
  return queries.sql`
    revocation.id, revocation.selector, revocation.kinds, revocation.reason, revocation.state,
    revocation.created_by as "createdBy", revocation.created_by_session as "createdBySession",
    revocation.spares_own_session as "sparesOwnSession", revocation.needs_approval as "needsApproval",
    revocation.approved_by as "approvedBy", revocation.approved_at as "approvedAt", revocation.counts, revocation.fence,
    revocation.rate_per_second as "ratePerSecond", revocation.created_at as "createdAt",
    revocation.started_at as "startedAt", revocation.started_by as "startedBy", revocation.ended_at as "endedAt",
    revocation.undo_until as "undoUntil", revocation.undone_at as "undoneAt", revocation.undone_by as "undoneBy",
    revocation.revoked, revocation.restored, operation.done, operation.total,
    case when revocation.running_since is not null and operation.done > revocation.done_before
      then (operation.done - revocation.done_before)
        / greatest(extract(epoch from clock_timestamp() - revocation.running_since), 0.001) end::float8 as "perSecond",
    revocation.created_at > now() - interval '24 hours' as "isFresh",
    coalesce(revocation.undo_until > now(), false) as "isUndoable"`
}
