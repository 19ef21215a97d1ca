import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** What a login is judged by. */
export interface LoginAccount {
  readonly id: Id<'account'>
  readonly email: string
  readonly name: string
  readonly role: 'member' | 'support' | 'admin'
  readonly state: 'active' | 'locked' | 'disabled'
  readonly passwordHash: string | null
  readonly securityEpoch: number
}

/** Finds the account of an address. Uses `accounts_email_key`. */
export async function findLoginAccount(queries: Queries, emailKey: string): Promise<LoginAccount | undefined> {
  const [row] = await queries.sql<LoginAccount[]>`
    select id, email, name, role, state, password_hash as "passwordHash", security_epoch as "securityEpoch"
    from accounts where email_key = ${emailKey}`
  return row
}

/** Reads an account by id. */
export async function findAccountById(queries: Queries, id: Id<'account'>): Promise<LoginAccount | undefined> {
  const [row] = await queries.sql<LoginAccount[]>`
    select id, email, name, role, state, password_hash as "passwordHash", security_epoch as "securityEpoch"
    from accounts where id = ${id}`
  return row
}

/** What a proof was made against. */
export type ProvedAccount = Pick<LoginAccount, 'id' | 'securityEpoch' | 'passwordHash'>

/**
 * Locks an account that is still as it was when its password was proved: active, same epoch, same password. Whatever was
 * changed meanwhile (a lockdown, a reset) wins: then `false`, and nothing may be issued.
 */
export async function lockUnchangedAccount(tx: Tx, proved: ProvedAccount): Promise<boolean> {
  const rows = await tx.sql`
    select id from accounts
    where id = ${proved.id} and state = 'active' and security_epoch = ${proved.securityEpoch}
      and password_hash is not distinct from ${proved.passwordHash}
    for no key update`
  return rows.length === 1
}

/** Replaces a hash by one of today's cost, unless the password was changed meanwhile. */
export async function updateRehashed(tx: Tx, id: Id<'account'>, oldHash: string, newHash: string): Promise<void> {
  await tx.sql`update accounts set password_hash = ${newHash} where id = ${id} and password_hash = ${oldHash}`
}

/** One attempt to log in, for the history that the owner sees. */
export interface NewLoginEvent {
  readonly id: string
  readonly accountId: Id<'account'>
  readonly outcome: 'success' | 'wrong_password' | 'second_factor_required' | 'wrong_code' | 'throttled' | 'refused'
  readonly factors: string
  readonly sessionId: Id<'session'> | null
  readonly network: string | null
  readonly country: string | null
  readonly device: string
}

/** Writes an attempt into the history. */
export async function insertLoginEvent(tx: Tx, event: NewLoginEvent): Promise<void> {
  const one = event
  await tx.sql`
    insert into login_events (id, account_id, outcome, factors, session_id, network, country, device)
    values (${one.id}, ${one.accountId}, ${one.outcome}, ${one.factors}, ${one.sessionId}, ${one.network},
      ${one.country}, ${one.device})`
}
