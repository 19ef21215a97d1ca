import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** A login that waits for its second factor. */
export interface NewLoginChallenge {
  readonly id: string
  readonly accountId: Id<'account'>
  readonly tokenHash: Uint8Array
  readonly epoch: number
  readonly deviceName: string | null
  readonly userAgent: string | null
  readonly ip: string | null
  readonly cookie: boolean
}

/** Records a login that waits for its second factor, for `validSeconds`. */
export async function insertLoginChallenge(tx: Tx, challenge: NewLoginChallenge, validSeconds: number): Promise<void> {
  const one = challenge
  await tx.sql`
    insert into login_challenges (id, account_id, token_hash, epoch, device_name, user_agent, ip, cookie, expires_at)
    values (${one.id}, ${one.accountId}, ${one.tokenHash}, ${one.epoch}, ${one.deviceName}, ${one.userAgent},
      ${one.ip}, ${one.cookie}, now() + ${validSeconds} * interval '1 s')`
}

/** A challenge that can still be answered. */
export interface OpenLoginChallenge {
  readonly id: string
  readonly accountId: Id<'account'>
  readonly epoch: number
  readonly deviceName: string | null
  readonly cookie: boolean
}

/** Finds a challenge that is unanswered, unexpired and of the account's present epoch. */
export async function findOpenChallenge(
  queries: Queries,
  tokenHash: Uint8Array,
): Promise<OpenLoginChallenge | undefined> {
  const [row] = await queries.sql<OpenLoginChallenge[]>`
    select challenge.id, account_id as "accountId", challenge.epoch, device_name as "deviceName", cookie
    from login_challenges as challenge join accounts as account on account.id = challenge.account_id
    where token_hash = ${tokenHash} and used_at is null and expires_at > now()
      and account.state = 'active' and account.security_epoch = challenge.epoch`
  return row
}

/** Uses up a challenge: `true` for exactly one caller. */
export async function updateChallengeUsed(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.sql`
    update login_challenges set used_at = now() where id = ${id} and used_at is null and expires_at > now() returning id`
  return rows.length === 1
}

/** Voids every open challenge of an account: the password that they stand on is no more. */
export async function voidChallenges(tx: Tx, accountId: Id<'account'>): Promise<number> {
  const rows = await tx.sql`
    update login_challenges set used_at = now() where account_id = ${accountId} and used_at is null returning id`
  return rows.length
}

/** Deletes up to `most` challenges that are over. Uses `login_challenges_expires_at`. */
export async function deleteOldChallenges(tx: Tx, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from login_challenges where expires_at < now() - interval '1 day'
      order by expires_at limit ${most} for update skip locked
    )
    delete from login_challenges using old where login_challenges.id = old.id returning login_challenges.id`
  return rows.length
}
