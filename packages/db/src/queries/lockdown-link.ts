import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** A "this wasn't me" link that works. */
export interface UsableLink {
  readonly noticeId: Id<'notice'>
  readonly accountId: Id<'account'>
}

/** Finds the notice whose link a token is, unless it was used, is over, or its account disabled. Uses `notices_link_hash`. */
export async function findUsableLink(queries: Queries, linkHash: Uint8Array): Promise<UsableLink | undefined> {
  const [row] = await queries.sql<UsableLink[]>`
    select notice.id as "noticeId", notice.account_id as "accountId"
    from notices as notice join accounts as account on account.id = notice.account_id
    where notice.link_hash = ${linkHash} and notice.link_used_at is null and notice.link_expires_at > now()
      and account.state <> 'disabled'`
  return row
}

/** Uses a link up: `true` for exactly one caller. */
export async function updateLinkUsed(tx: Tx, linkHash: Uint8Array): Promise<boolean> {
  const rows = await tx.sql`
    update notices set link_used_at = now()
    where link_hash = ${linkHash} and link_used_at is null and link_expires_at > now() returning id`
  return rows.length === 1
}

/** How many lockdowns of an account were opened by a link within 24 hours. Uses `lockdowns_account`. */
export async function countLinkLockdowns(queries: Queries, accountId: Id<'account'>): Promise<number> {
  const [row] = await queries.sql<{ count: number }[]>`
    select count(*)::int as count from lockdowns
    where account_id = ${accountId} and opened_at > now() - interval '24 hours' and trigger = 'link'`
  return row?.count ?? 0
}
