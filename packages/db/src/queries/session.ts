import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'

/** Ends every active session of an account; returns how many. Uses `sessions_active`. */
export async function revokeSessions(tx: Tx, accountId: Id<'account'>, because: string): Promise<number> {
  const rows = await tx.sql`
    update sessions set revoked_at = now(), revoked_because = ${because}
    where account_id = ${accountId} and revoked_at is null returning id`
  return rows.length
}
