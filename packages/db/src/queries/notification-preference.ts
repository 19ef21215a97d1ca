import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** The kinds of notices that an owner is not mailed of. */
export async function listMutedKinds(queries: Queries, accountId: Id<'account'>): Promise<Set<NoticeKind>> {
  const [row] = await queries.sql<{ muted: NoticeKind[] }[]>`
    select muted from notification_preferences where account_id = ${accountId}`
  return new Set(row?.muted)
}

/** Replaces the kinds of notices that an owner is not mailed of. */
export async function replaceMutedKinds(tx: Tx, accountId: Id<'account'>, muted: readonly NoticeKind[]): Promise<void> {
  await tx.sql`
    insert into notification_preferences (account_id, muted) values (${accountId}, ${[...muted]}::text[])
    on conflict (account_id) do update set muted = excluded.muted, updated_at = now()`
}
