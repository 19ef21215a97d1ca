import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** An account as its owner sees it. */
export interface OwnAccount {
  readonly id: Id<'account'>
  readonly email: string
  readonly name: string
  readonly language: string
  readonly role: 'member' | 'support' | 'admin'
  readonly state: 'active' | 'locked' | 'disabled'
  readonly twoFactor: boolean
  readonly passwordChangedAt: Date
  readonly createdAt: Date
}

/** Reads an account for its owner. */
export async function findOwnAccount(queries: Queries, id: Id<'account'>): Promise<OwnAccount | undefined> {
  const [row] = await queries.sql<OwnAccount[]>`
    select account.id, email, name, language, role, state, factor.confirmed_at is not null as "twoFactor",
      password_changed_at as "passwordChangedAt", account.created_at as "createdAt"
    from accounts as account left join totp_factors as factor on factor.account_id = account.id
    where account.id = ${id}`
  return row
}

/** What staff see of an account besides. Never a secret. */
export interface AccountProfile extends Pick<OwnAccount, 'language' | 'passwordChangedAt'> {
  readonly passwordSet: boolean
  readonly twoFactorSince: Date | null
}

/** Reads the rest of an account for staff. */
export async function findAccountProfile(queries: Queries, id: Id<'account'>): Promise<AccountProfile | undefined> {
  const [row] = await queries.sql<AccountProfile[]>`
    select account.language, account.password_changed_at as "passwordChangedAt",
      account.password_hash is not null as "passwordSet", factor.confirmed_at as "twoFactorSince"
    from accounts as account left join totp_factors as factor on factor.account_id = account.id
    where account.id = ${id}`
  return row
}

/** Gives an account another name, or another language in which its owner is written to; what is absent stays. */
export async function updateAccountProfile(
  tx: Tx,
  id: Id<'account'>,
  change: { readonly name?: string | undefined; readonly language?: string | undefined },
): Promise<void> {
  const { name = null, language = null } = change
  await tx.sql`
    update accounts set name = coalesce(${name}::text, name), language = coalesce(${language}::text, language)
    where id = ${id}`
}
