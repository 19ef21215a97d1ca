import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'
import { retireHeld } from './former-password.ts'

/** An account to be made. */
export interface NewAccount {
  readonly id: Id<'account'>
  readonly email: string
  readonly emailKey: string
  readonly name: string
  readonly passwordHash: string
}

/** Makes an account; `false` when the address has one already. Holds against any number of parallel callers. */
export async function insertAccount(tx: Tx, account: NewAccount): Promise<boolean> {
  const rows = await tx.sql`
    insert into accounts (id, email, email_key, name, password_hash, password_changed_at)
    values (${account.id}, ${account.email}, ${account.emailKey}, ${account.name}, ${account.passwordHash}, now())
    on conflict (email_key) do nothing returning id`
  return rows.length === 1
}

/** Locks an account, so that changes of its credentials happen one after another; `false` when it is gone or disabled. */
export async function lockAccount(tx: Tx, id: Id<'account'>): Promise<boolean> {
  const rows = await tx.sql`select id from accounts where id = ${id} and state <> 'disabled' for no key update`
  return rows.length === 1
}

/**
 * Sets a new password and keeps the one before among the former ones: whoever knew that may have been the one to change it.
 * The account must be locked by this transaction. Ends nothing by itself.
 */
export async function updatePassword(tx: Tx, id: Id<'account'>, passwordHash: string): Promise<void> {
  await tx.sql`
    with held as (
      select id as account_id, password_hash from accounts where id = ${id}
    ), ${retireHeld(tx)}
    update accounts set password_hash = ${passwordHash}, password_changed_at = now() where id = ${id}`
}
