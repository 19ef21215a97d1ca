import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Hours after which an export that is not made counts as failed. */
const patienceHours = 6

/** An export as it stands. */
export interface ExportRow {
  readonly id: Id<'operation'>
  readonly accountId: Id<'account'>
  readonly state: 'running' | 'ready' | 'fetched' | 'expired' | 'failed'
  readonly createdAt: Date
  readonly readyAt: Date | null
  readonly expiresAt: Date | null
}

/** SQL: the state of `export`, of which `operation` is there. */
function stateOf(queries: Queries) {
  return queries.sql`
    case when operation.status = 'failed' then 'failed'
      when export.ready_at is null then case when ${isStuck(queries)} then 'failed' else 'running' end
      when export.fetched_at is not null then 'fetched'
      when export.expires_at <= now() then 'expired' else 'ready' end`
}

function isStuck(queries: Queries) {
  return queries.sql`export.created_at < now() - ${patienceHours} * interval '1 hour'`
}

/** What stands in the way of another export. */
export interface ExportCounts {
  readonly running: number
  /** Asked for within 24 hours. */
  readonly lately: number
}

/** Counts the exports of an account that stand in the way of another. Uses `account_exports_account`. */
export async function countExports(queries: Queries, accountId: Id<'account'>): Promise<ExportCounts> {
  const [row] = await queries.sql<ExportCounts[]>`
    select count(*) filter (
        where export.ready_at is null and operation.status = 'running' and not ${isStuck(queries)})::int as running,
      count(*) filter (where export.created_at > now() - interval '1 day')::int as lately
    from (
      select id, created_at, ready_at from account_exports where account_id = ${accountId} order by created_at desc limit 100
    ) as export join operations as operation on operation.id = export.id`
  return row ?? { running: 0, lately: 0 }
}

/** Writes the wish for an export and its operation. The account must be locked by this transaction. */
export async function insertExport(
  tx: Tx,
  id: Id<'operation'>,
  accountId: Id<'account'>,
  total: number,
): Promise<ExportRow> {
  await tx.sql`
    insert into operations (id, kind, account_id, actor, actor_id, total)
    values (${id}, 'account_export', ${accountId}, 'account', ${accountId}, ${total})`
  // Should it never be made, it leaves all the same.
  await tx.sql`
    insert into account_exports (id, account_id, expires_at)
    values (${id}, ${accountId}, now() + interval '2 days')`
  const row = await findExport(tx, accountId, id)
  if (!row) throw new Error('an export that was just written is not there')
  return row
}

/** Reads an export of an account; `undefined` for one that is not there, or not theirs. */
export async function findExport(
  queries: Queries,
  accountId: Id<'account'>,
  id: Id<'operation'>,
): Promise<ExportRow | undefined> {
  const [row] = await queries.sql<ExportRow[]>`
    select export.id, export.account_id as "accountId", ${stateOf(queries)} as state, export.created_at as "createdAt",
      export.ready_at as "readyAt", case when export.ready_at is not null then export.expires_at end as "expiresAt"
    from account_exports as export join operations as operation on operation.id = export.id
    where export.id = ${id} and export.account_id = ${accountId}`
  return row
}

/** Locks an export that is still to be made and tells whose it is; `undefined` for one that is made, failed or gone. */
export async function lockRunningExport(
  tx: Tx,
  id: Id<'operation'>,
): Promise<{ readonly accountId: Id<'account'>; readonly accountState: string } | undefined> {
  const [row] = await tx.sql<{ accountId: Id<'account'>; accountState: string }[]>`
    select export.account_id as "accountId", account.state as "accountState"
    from account_exports as export join operations as operation on operation.id = export.id
    join accounts as account on account.id = export.account_id
    where export.id = ${id} and export.ready_at is null and operation.status = 'running'
    for no key update of export`
  return row
}

/** Takes away what an earlier try has written of an export. */
export async function deleteExportParts(tx: Tx, id: Id<'operation'>): Promise<void> {
  await tx.sql`delete from account_export_parts where export_id = ${id}`
}

/** Adds a part of an export. */
export async function insertExportPart(tx: Tx, id: Id<'operation'>, part: number, linesSealed: string): Promise<void> {
  await tx.sql`insert into account_export_parts (export_id, part, lines_sealed) values (${id}, ${part}, ${linesSealed})`
}

/** Says how many kinds are gathered. */
export async function updateExportProgress(tx: Tx, id: Id<'operation'>, done: number): Promise<void> {
  await tx.sql`update operations set done = ${done}, updated_at = now() where id = ${id} and done <> ${done}`
}

/** Says that an export can be fetched, for `hours`. */
export async function updateExportReady(tx: Tx, id: Id<'operation'>, hours: number): Promise<void> {
  await tx.sql`
    update account_exports set ready_at = now(), expires_at = now() + ${hours} * interval '1 hour' where id = ${id}`
  await tx.sql`
    update operations set status = 'done', done = total, updated_at = now(), ended_at = now() where id = ${id}`
}

/** Says that an export is not made, and why. */
export async function updateExportFailed(tx: Tx, id: Id<'operation'>, code: string): Promise<void> {
  await tx.sql`
    update operations set status = 'failed', error_code = ${code}, updated_at = now(), ended_at = now()
    where id = ${id} and status = 'running'`
}

/** Takes an export for the one time that it is given; `false` where it is not ready, taken, expired, or not theirs. */
export async function takeExport(tx: Tx, accountId: Id<'account'>, id: Id<'operation'>): Promise<boolean> {
  const rows = await tx.sql`
    update account_exports set fetched_at = now()
    where id = ${id} and account_id = ${accountId} and ready_at is not null and fetched_at is null and expires_at > now()
    returning id`
  return rows.length === 1
}

/** Reads one part of an export; `undefined` behind the last. */
export async function findExportPart(queries: Queries, id: Id<'operation'>, part: number): Promise<string | undefined> {
  const [row] = await queries.sql<{ linesSealed: string }[]>`
    select lines_sealed as "linesSealed" from account_export_parts where export_id = ${id} and part = ${part}`
  return row?.linesSealed
}

/**
 * Deletes up to `most` exports that have expired, with their parts; one that was never made has failed. Uses
 * `account_exports_expires_at`.
 */
export async function deleteExpiredExports(tx: Tx, most: number): Promise<number> {
  const [row] = await tx.sql<{ gone: number }[]>`
    with gone as (
      delete from account_exports where ctid = any(array(
        select ctid from account_exports where expires_at <= now()
        order by expires_at limit ${most} for update skip locked
      )) returning id
    ), failed as (
      update operations set status = 'failed', error_code = 'expired', updated_at = now(), ended_at = now()
      from gone where operations.id = gone.id and operations.ended_at is null
    )
    select count(*)::int as gone from gone`
  return row?.gone ?? 0
}
