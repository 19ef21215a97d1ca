import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import { inSavepoint, type Tx } from '../transaction.ts'
import { accountIdByKey, isRevertible } from './email-change.ts'

/** A request whose mail is made: its own words, its account's, and whoever has the wanted address already. */
export interface ChangeForMail {
  readonly accountId: Id<'account'>
  readonly newEmail: string
  readonly name: string
  readonly language: string
  readonly salt: Uint8Array
  /** Of the token that was mailed; null before that. */
  readonly tokenHash: Uint8Array | null
  /** It can still be confirmed: open, in time, and no lockdown since. */
  readonly open: boolean
  readonly takenBy: Id<'account'> | null
  /** Where that account gets its mail, in whose name and language; null where nobody has the address. */
  readonly takenEmail: string | null
  readonly takenName: string | null
  readonly takenLanguage: string | null
}

/** Locks the account of a request and reads what its mail is made of; `undefined` when it is gone. */
export async function findChangeForMail(tx: Tx, id: Id<'emailChange'>): Promise<ChangeForMail | undefined> {
  // Two statements: the second must see what was committed while the first waited for the lock.
  await tx.sql`
    select account.id from accounts as account
    where account.id = (select account_id from email_changes where id = ${id}) for no key update`
  const [row] = await tx.sql<ChangeForMail[]>`
    select change.account_id as "accountId", change.new_email as "newEmail", account.name, account.language,
      change.confirm_salt as salt, change.confirm_hash as "tokenHash",
      change.state = 'requested' and change.expires_at > now() and account.state = 'active'
        and change.epoch = account.security_epoch as open,
      other.id as "takenBy", case when other.id is null then null
        when other.email_key = change.new_email_key then other.email else change.new_email end as "takenEmail",
      other.name as "takenName", other.language as "takenLanguage"
    from email_changes as change join accounts as account on account.id = change.account_id
    left join accounts as other on other.id = ${accountIdByKey(tx, tx.sql`change.new_email_key`)}
    where change.id = ${id}`
  return row
}

/** Stores the hash of the token by which a request is confirmed. */
export async function updateConfirmHash(tx: Tx, id: Id<'emailChange'>, hash: Uint8Array): Promise<void> {
  await tx.sql`update email_changes set confirm_hash = ${hash} where id = ${id}`
}

/** A change that a token names. Whether it still may do anything is judged under the account's lock. */
export interface NamedChange {
  readonly id: Id<'emailChange'>
  readonly accountId: Id<'account'>
  readonly requestedAt: Date
}

/** Finds the request that a token would confirm. Uses `email_changes_confirm_hash`. */
export async function findChangeByConfirmHash(queries: Queries, hash: Uint8Array): Promise<NamedChange | undefined> {
  const [row] = await queries.sql<NamedChange[]>`
    select id, account_id as "accountId", requested_at as "requestedAt" from email_changes where confirm_hash = ${hash}`
  return row
}

/** Finds the change that a token would take back. Uses `email_changes_revert_hash`. */
export async function findChangeByRevertHash(queries: Queries, hash: Uint8Array): Promise<NamedChange | undefined> {
  const [row] = await queries.sql<NamedChange[]>`
    select id, account_id as "accountId", requested_at as "requestedAt" from email_changes where revert_hash = ${hash}`
  return row
}

/**
 * Confirms a request: from the commit on its address is the account's, and for `revertDays` the old mailbox can take that
 * back. `false`: used, expired, overtaken by a lockdown, or the address leads to another account, were it since this
 * instant. The account must be active and locked by this transaction.
 */
export async function updateChangeConfirmed(tx: Tx, id: Id<'emailChange'>, revertDays: number): Promise<boolean> {
  try {
    return await inSavepoint(tx, async (inner) => {
      const rows = await inner.sql`
        with confirmed as (
          update email_changes as change set state = 'confirmed', confirmed_at = now(),
            revert_until = now() + ${revertDays} * interval '1 day'
          from accounts as account
          where change.id = ${id} and change.state = 'requested' and change.expires_at > now()
            and account.id = change.account_id and change.epoch = account.security_epoch
            and ${accountIdByKey(inner, inner.sql`change.new_email_key`)} is null
          returning change.account_id, change.new_email, change.new_email_key
        )
        update accounts set email = confirmed.new_email, email_key = confirmed.new_email_key from confirmed
        where accounts.id = confirmed.account_id returning accounts.id`
      return rows.length === 1
    })
  } catch (error) {
    // The index decides, whoever asks at the same time.
    if (error instanceof Error && 'code' in error && error.code === '23505') return false
    throw error
  }
}

/** What the link that takes a change back is made of. */
export interface RevertToken {
  readonly id: Id<'emailChange'>
  readonly salt: Uint8Array
  readonly tokenHash: Uint8Array | null
}

/** Reads what the links of changes are made of, and locks them; one that cannot be taken back any more is missing. */
export async function listRevertTokensForUpdate(
  tx: Tx,
  ids: readonly Id<'emailChange'>[],
): Promise<Map<Id<'emailChange'>, RevertToken>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.sql<RevertToken[]>`
    select id, revert_salt as salt, revert_hash as "tokenHash" from email_changes as change
    where id = any(${[...ids]}::uuid[]) and ${isRevertible(tx, 'change')} order by id for no key update`
  return new Map(rows.map((row) => [row.id, row]))
}

/** Stores the hash of the token that takes a change back. */
export async function updateRevertHash(tx: Tx, id: Id<'emailChange'>, hash: Uint8Array): Promise<void> {
  await tx.sql`update email_changes set revert_hash = ${hash} where id = ${id}`
}
