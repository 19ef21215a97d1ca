import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** An account as its owner sees it. */
export interface OwnAccount {
  readonly id: Id<'account'>
  readonly email: string
  readonly name: string
  readonly role: 'member' | 'support' | 'admin'
  readonly state: 'active' | 'locked' | 'disabled'
  readonly twoFactor: boolean
  readonly passwordChangedAt: Date
  readonly createdAt: Date
}

/** Reads an account for its owner. */
export async function findOwnAccount(queries: Queries, id: Id<'account'>): Promise<OwnAccount | undefined> {
  const [row] = await queries.sql<OwnAccount[]>`
    select account.id, email, name, role, state, factor.confirmed_at is not null as "twoFactor",
      password_changed_at as "passwordChangedAt", account.created_at as "createdAt"
    from accounts as account left join totp_factors as factor on factor.account_id = account.id
    where account.id = ${id}`
  return row
}

/** Gives an account another name. */
export async function updateAccountName(tx: Tx, id: Id<'account'>, name: string): Promise<void> {
  await tx.sql`update accounts set name = ${name} where id = ${id}`
}

/** An attempt to log in, as the owner sees it. */
export interface LoginRow {
  readonly id: string
  readonly outcome: 'success' | 'wrong_password' | 'second_factor_required' | 'wrong_code' | 'throttled' | 'refused'
  readonly factors: string
  readonly network: string | null
  readonly country: string | null
  readonly device: string
  readonly occurredAt: Date
}

/** Lists attempts, newest first, from before an id. Uses `login_events_account`. */
export async function listLoginEvents(
  queries: Queries,
  accountId: Id<'account'>,
  before: string | null,
  most: number,
): Promise<LoginRow[]> {
  const rows = await queries.sql<LoginRow[]>`
    select id, outcome, factors, network, country, device, occurred_at as "occurredAt" from login_events
    where account_id = ${accountId} and (${before}::uuid is null or id < ${before}::uuid)
      and occurred_at > now() - interval '90 days'
    order by id desc limit ${most}`
  return [...rows]
}
