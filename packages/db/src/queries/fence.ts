import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/**
 * What every credential of an account must meet, besides limits of its own: the account is active, and neither its fence
 * nor the house's was raised since it was issued. Said once, for the alias under which a statement has the credential;
 * the account must be there as `account`.
 */
export function isWithinFences(queries: Queries, credential: 'session' | 'api_key' | 'ssh_key') {
  const alias = queries.sql(credential)
  return queries.sql`
    account.state = 'active' and ${alias}.epoch = account.security_epoch
    and ${alias}.global_epoch >= coalesce((select epoch from fences), 1)`
}

/**
 * Locks the account of a session that is still alive, so that nothing can be issued by one that a lockdown, a reset or
 * its owner has ended since it was checked: then `false`.
 */
export async function lockSessionAccount(
  tx: Tx,
  session: { readonly id: Id<'session'>; readonly accountId: Id<'account'> },
): Promise<boolean> {
  // Two statements: the second must see what was committed while the first waited for the lock.
  await tx.sql`select id from accounts where id = ${session.accountId} for no key update`
  const rows = await tx.sql`
    select session.id from sessions as session join accounts as account on account.id = session.account_id
    where session.id = ${session.id} and session.revoked_at is null and session.expires_at > now()
      and ${isWithinFences(tx, 'session')}`
  return rows.length === 1
}
