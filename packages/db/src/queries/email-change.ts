import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { Fragment } from './kept-fragment.ts'

/**
 * SQL: whether the old mailbox can still take the change back that `alias` stands for: for 7 days, and while a lockdown that
 * was opened within them is not recovered from. Otherwise an intruder would only have to wait for them to be over. Uses
 * `lockdowns_one`.
 */
export function isRevertible(queries: Queries, alias: 'change' | 'former') {
  const change = queries.sql(alias)
  return queries.sql`
    ${change}.state = 'confirmed' and (${change}.revert_until > now() or exists (
      select from lockdowns as held where held.account_id = ${change}.account_id and held.state <> 'recovered'
        and held.opened_at < ${change}.revert_until))`
}

/**
 * SQL: the address that mail about the security of `account` (an alias of `accounts`) goes to. While a change of address can
 * still be reverted it is the old one, of several changes the oldest; else the account's. Uses `email_changes_account`.
 */
export function trustedEmailOf(queries: Queries) {
  return queries.sql`coalesce((
    select change.old_email from email_changes as change
    where change.account_id = account.id and ${isRevertible(queries, 'change')}
    order by change.requested_at limit 1), account.email)`
}

/**
 * SQL: the id of the account that `emailKey` (SQL of a text) leads to, null if none: the one whose address it is, or else
 * the one that had it and can have it back, so that nobody else gets the address meanwhile. Uses `accounts_email_key`,
 * `email_changes_old`.
 */
export function accountIdByKey(queries: Queries, emailKey: Fragment) {
  return queries.sql`coalesce((select id from accounts where email_key = ${emailKey}), (
    select former.account_id from email_changes as former
    where former.old_email_key = ${emailKey} and ${isRevertible(queries, 'former')}
    order by former.requested_at limit 1))`
}

/** An account that an address leads to. */
export interface TrustedAccount {
  readonly id: Id<'account'>
  /** Where mail about its security goes. */
  readonly trustedEmail: string
}

/** Finds the account whose address, present or revertible, has this key. Not for logins: those know the present one only. */
export async function findAccountByTrustedKey(queries: Queries, emailKey: string): Promise<TrustedAccount | undefined> {
  const [row] = await queries.sql<TrustedAccount[]>`
    select account.id, ${trustedEmailOf(queries)} as "trustedEmail" from accounts as account
    where account.id = ${accountIdByKey(queries, queries.sql`${emailKey}::text`)}`
  return row
}

/**
 * Whether the address of an account was changed lately, so that the old mailbox can take it back: then no further change,
 * no export, nothing that an intruder would make off with. Uses `email_changes_account`.
 */
export async function isCoolingDown(queries: Queries, accountId: Id<'account'>): Promise<boolean> {
  const rows = await queries.sql`
    select id from email_changes as change
    where change.account_id = ${accountId} and ${isRevertible(queries, 'change')} limit 1`
  return rows.length === 1
}

/** A change of address that is asked for. */
export interface NewEmailChange {
  readonly id: Id<'emailChange'>
  readonly accountId: Id<'account'>
  readonly newEmail: string
  readonly newEmailKey: string
  readonly confirmSalt: Uint8Array
  readonly revertSalt: Uint8Array
}

/** Writes a request, valid for `validHours`, under the account's present epoch. The account must be locked by this transaction. */
export async function insertEmailChange(tx: Tx, change: NewEmailChange, validHours: number): Promise<Date> {
  const { id, accountId, newEmail, newEmailKey, confirmSalt, revertSalt } = change
  const [row] = await tx.sql<{ expiresAt: Date }[]>`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, confirm_salt, revert_salt,
      epoch, expires_at)
    select ${id}, account.id, account.email, account.email_key, ${newEmail}, ${newEmailKey}, ${confirmSalt}, ${revertSalt},
      account.security_epoch, now() + ${validHours} * interval '1 hour'
    from accounts as account where account.id = ${accountId}
    returning expires_at as "expiresAt"`
  if (!row) throw new Error('an account that was just locked is not there')
  return row.expiresAt
}

/** Voids the request of an account that is open, if any; returns its id. Uses `email_changes_pending`. */
export async function voidPendingChange(tx: Tx, accountId: Id<'account'>): Promise<Id<'emailChange'> | undefined> {
  const [row] = await tx.sql<{ id: Id<'emailChange'> }[]>`
    update email_changes set state = 'void', ended_at = now()
    where account_id = ${accountId} and state = 'requested' returning id`
  return row?.id
}

/** Voids one request; `false` where it is not that account's, or not open. The account must be locked by this transaction. */
export async function voidEmailChange(tx: Tx, accountId: Id<'account'>, id: Id<'emailChange'>): Promise<boolean> {
  const rows = await tx.sql`
    update email_changes set state = 'void', ended_at = now()
    where id = ${id} and account_id = ${accountId} and state = 'requested' returning id`
  return rows.length === 1
}

/** A change of address, without its secrets. */
export interface EmailChangeRow {
  readonly id: Id<'emailChange'>
  /** One whose time to be confirmed is over is void, whether or not the sweep has said so. */
  readonly state: 'requested' | 'confirmed' | 'final' | 'void' | 'reverted'
  readonly newEmail: string
  readonly requestedAt: Date
  readonly expiresAt: Date
  readonly confirmedAt: Date | null
  readonly revertUntil: Date | null
  readonly endedAt: Date | null
}

/** Lists the changes of an account, the newest first, `most` at most. Uses `email_changes_account`. */
export async function listEmailChanges(
  queries: Queries,
  accountId: Id<'account'>,
  most: number,
): Promise<EmailChangeRow[]> {
  const rows = await queries.sql<EmailChangeRow[]>`
    select change.id, case
        when change.state = 'requested' and (change.expires_at <= now() or change.epoch <> account.security_epoch) then 'void'
        when change.state = 'confirmed' and not (${isRevertible(queries, 'change')}) then 'final'
        else change.state end as state,
      change.new_email as "newEmail", change.requested_at as "requestedAt", change.expires_at as "expiresAt",
      change.confirmed_at as "confirmedAt", change.revert_until as "revertUntil", change.ended_at as "endedAt"
    from email_changes as change join accounts as account on account.id = change.account_id
    where change.account_id = ${accountId} order by change.requested_at desc limit ${most}`
  return [...rows]
}
