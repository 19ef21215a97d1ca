import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Where a closing stands. */
export type ClosingState = 'pending' | 'kept' | 'held' | 'closed' | 'erased'

/** A closing, without its secrets. */
export interface ClosingRow {
  readonly id: Id<'accountClosing'>
  readonly accountId: Id<'account'>
  readonly state: ClosingState
  readonly requestedAt: Date
  readonly dueAt: Date
  readonly endedAt: Date | null
}

function columns(queries: Queries) {
  return queries.sql`
    id, account_id as "accountId", state, requested_at as "requestedAt", due_at as "dueAt", ended_at as "endedAt"`
}

/** Writes the wish to close an account in `days`. The account must be locked by this transaction, and have no closing open. */
export async function insertClosing(
  tx: Tx,
  closing: { readonly id: Id<'accountClosing'>; readonly accountId: Id<'account'>; readonly keepSalt: Uint8Array },
  days: number,
): Promise<ClosingRow> {
  const { id, accountId, keepSalt } = closing
  const [row] = await tx.sql<ClosingRow[]>`
    insert into account_closings (id, account_id, due_at, keep_salt)
    values (${id}, ${accountId}, now() + ${days} * interval '1 day', ${keepSalt}) returning ${columns(tx)}`
  if (!row) throw new Error('a closing that was just written is not there')
  return row
}

/** The latest closing that was asked for of an account. Uses `account_closings_account`. */
export async function findLatestClosing(queries: Queries, accountId: Id<'account'>): Promise<ClosingRow | undefined> {
  const [row] = await queries.sql<ClosingRow[]>`
    select ${columns(queries)} from account_closings where account_id = ${accountId} order by requested_at desc limit 1`
  return row
}

/**
 * Ends the closing of an account that is pending: it is kept, or held; returns its id. The account must be locked by this
 * transaction. Uses `account_closings_one`.
 */
export async function endPendingClosing(
  tx: Tx,
  accountId: Id<'account'>,
  state: 'kept' | 'held',
): Promise<Id<'accountClosing'> | undefined> {
  const [row] = await tx.sql<{ id: Id<'accountClosing'> }[]>`
    update account_closings set state = ${state}, ended_at = now(), keep_hash = null
    where account_id = ${accountId} and state = 'pending' returning id`
  return row?.id
}

/** Finds the pending closing that a mailed token keeps from being done. Uses `account_closings_keep_hash`. */
export async function findClosingByKeepHash(
  queries: Queries,
  hash: Uint8Array,
): Promise<Pick<ClosingRow, 'id' | 'accountId'> | undefined> {
  const [row] = await queries.sql<Pick<ClosingRow, 'id' | 'accountId'>[]>`
    select id, account_id as "accountId" from account_closings where keep_hash = ${hash} and state = 'pending'`
  return row
}

/** What the mailed token of a closing is made of. */
export interface KeepToken {
  readonly id: Id<'accountClosing'>
  readonly salt: Uint8Array
  readonly tokenHash: Uint8Array | null
}

/** Reads what the links that keep accounts are made of, and locks them; one that is not pending is missing. */
export async function listKeepTokensForUpdate(
  tx: Tx,
  ids: readonly Id<'accountClosing'>[],
): Promise<readonly KeepToken[]> {
  if (ids.length === 0) return []
  return tx.sql<KeepToken[]>`
    select id, keep_salt as salt, keep_hash as "tokenHash" from account_closings
    where id = any(${[...ids]}::uuid[]) and state = 'pending' order by id for no key update`
}

/** Stores the hash by which a mailed token works. */
export async function updateKeepHash(tx: Tx, id: Id<'accountClosing'>, hash: Uint8Array): Promise<void> {
  await tx.sql`update account_closings set keep_hash = ${hash} where id = ${id}`
}

/** A closing on which something is to be done. */
export interface DueClosing {
  readonly id: Id<'accountClosing'>
  readonly accountId: Id<'account'>
  readonly state: 'pending' | 'closed' | 'erased'
  /** As the store writes it, to the microsecond. */
  readonly dueAt: string
}

/** Lists closings that are due and not over, the oldest first, from behind `after`. Uses `account_closings_due`. */
export async function listDueClosings(
  queries: Queries,
  after: DueClosing | undefined,
  most: number,
): Promise<readonly DueClosing[]> {
  return queries.sql<DueClosing[]>`
    select id, account_id as "accountId", state, due_at::text as "dueAt" from account_closings
    where ended_at is null and due_at <= now() and (due_at, id) > (
      ${after?.dueAt ?? '-infinity'}::text::timestamptz, ${after?.id ?? '00000000-0000-0000-0000-000000000000'}::uuid)
    order by due_at, id limit ${most}`
}

/** Locks a closing and tells whether it is still in `state`, and due. */
export async function lockClosing(tx: Tx, id: Id<'accountClosing'>, state: ClosingState): Promise<boolean> {
  const rows = await tx.sql`
    select id from account_closings where id = ${id} and state = ${state} and ended_at is null and due_at <= now()
    for no key update`
  return rows.length === 1
}

/** Says that nothing opens the account any more. */
export async function updateClosingClosed(tx: Tx, id: Id<'accountClosing'>): Promise<void> {
  await tx.sql`update account_closings set state = 'closed', closed_at = now(), keep_hash = null where id = ${id}`
}

/**
 * Whether an account that is closed can be erased: its owner was told, and every server that it rents has fetched that its keys
 * are withdrawn; or `hours` have passed since. Uses `notices_unmailed`, `rentals_account`.
 */
export async function isErasable(queries: Queries, id: Id<'accountClosing'>, hours: number): Promise<boolean> {
  const [row] = await queries.sql<{ erasable: boolean }[]>`
    select closing.closed_at < now() - ${hours} * interval '1 hour' or (
      not exists (
        select from notices as notice where notice.account_id = closing.account_id and notice.kind = 'account_closed'
          and notice.mailed_at is null and notice.folded_into is null)
      and not exists (
        select from rentals as rental join rental_keys as rental_key on rental_key.rental_id = rental.id
        where rental.account_id = closing.account_id and rental.ended_at is null
          and rental_key.state = 'withdrawn' and rental_key.confirmed_at is null)
    ) as erasable
    from account_closings as closing where closing.id = ${id}`
  return row?.erasable ?? false
}

/** Adds to what was erased, by kind. */
export async function addErased(
  tx: Tx,
  id: Id<'accountClosing'>,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await tx.sql`
    update account_closings set erased = (
      select jsonb_object_agg(name, rows) from (
        select name, sum(rows) as rows from (
          select key as name, value::text::int as rows from jsonb_each(coalesce(erased, '{}'))
          union all select key, value::text::int from jsonb_each(${JSON.stringify(counts)}::text::jsonb)
        ) as part group by name
      ) as total)
    where id = ${id}`
}

/** Says that the account is gone; what is left is the audit. */
export async function updateClosingErased(tx: Tx, id: Id<'accountClosing'>): Promise<void> {
  await tx.sql`update account_closings set state = 'erased' where id = ${id}`
}

/** Says that nothing is left to be done. */
export async function updateClosingEnded(tx: Tx, id: Id<'accountClosing'>): Promise<void> {
  await tx.sql`update account_closings set ended_at = now() where id = ${id} and ended_at is null`
}

/** Deletes up to `most` closings that were over `days` ago. Uses `account_closings_ended_at`. */
export async function deleteOldClosings(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from account_closings where ctid = any(array(
      select ctid from account_closings where ended_at < now() - ${days} * interval '1 day'
      order by ended_at limit ${most} for update skip locked
    ))`
  return count
}
