import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/**
 * Lets one transaction at a time make or use tokens of first admins: who waits for another finds what that has written. An
 * account that is to be locked as well is locked before.
 */
export async function lockBootstrap(tx: Tx): Promise<void> {
  await tx.sql`lock table bootstrap_tokens in share row exclusive mode`
}

/** Whether any account is an admin, whatever its state. Uses `accounts_role`. */
export async function hasAdmin(queries: Queries): Promise<boolean> {
  const rows = await queries.sql`select id from accounts where role = 'admin' and role <> 'member' limit 1`
  return rows.length === 1
}

/** Makes a token the only one: all that were not used are void. Returns when it ends. */
export async function replaceBootstrapToken(
  tx: Tx,
  token: { readonly id: string; readonly emailKey: string; readonly tokenHash: Uint8Array },
  validSeconds: number,
): Promise<Date> {
  await tx.sql`delete from bootstrap_tokens where used_at is null`
  const [row] = await tx.sql<{ expiresAt: Date }[]>`
    insert into bootstrap_tokens (id, email_key, token_hash, expires_at)
    values (${token.id}, ${token.emailKey}, ${token.tokenHash}, now() + ${validSeconds} * interval '1 s')
    returning expires_at as "expiresAt"`
  if (!row) throw new Error('a token that was just written is not there')
  return row.expiresAt
}

/** Uses a token up; its id, or `undefined` for one that is unknown, used, over, or not for the address of this account. */
export async function updateBootstrapTokenUsed(
  tx: Tx,
  accountId: Id<'account'>,
  tokenHash: Uint8Array,
): Promise<string | undefined> {
  const [row] = await tx.sql<{ id: string }[]>`
    update bootstrap_tokens as token set used_at = now()
    from accounts as account
    where token.token_hash = ${tokenHash} and token.used_at is null and token.expires_at > now()
      and account.id = ${accountId} and account.email_key = token.email_key
    returning token.id`
  return row?.id
}
