import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

// Each takes lockdowns whose accounts this transaction has locked, and touches only what was issued before them: by the
// epoch, which every session and key carries. So a late repeat, after a recovery, touches nothing.

/** A lockdown, as the statements here need it. */
export interface LockedAccount {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  /** Whatever has an older one is void. */
  readonly epoch: number
}

/** Sessions that were ended. */
export interface RevokedSessions {
  readonly lockdownId: Id<'lockdown'>
  readonly revoked: number
}

/** Ends the sessions that were issued before the lockdowns. Uses `sessions_active`. */
export async function revokeLockedSessions(tx: Tx, lockdowns: readonly LockedAccount[]): Promise<RevokedSessions[]> {
  const rows = await tx.sql<RevokedSessions[]>`
    with revoked as (
      update sessions as session set revoked_at = now(), revoked_because = 'lockdown' from ${given(tx, lockdowns)}
      where session.account_id = lockdown.account_id
        and session.revoked_at is null and session.epoch < lockdown.epoch
      returning lockdown.id
    )
    select id as "lockdownId", count(*)::int as revoked from revoked group by id`
  return [...rows]
}

/** What is left of a kind of credential that was issued before a lockdown. */
export interface LeftCredentials {
  readonly lockdownId: Id<'lockdown'>
  readonly living: number
}

/** Counts the sessions that were issued before the lockdowns and are not ended. */
export async function countLockedSessions(
  queries: Queries,
  lockdowns: readonly LockedAccount[],
): Promise<LeftCredentials[]> {
  const rows = await queries.sql<LeftCredentials[]>`
    select lockdown.id as "lockdownId", (
      select count(*)::int from sessions as session where session.account_id = lockdown.account_id
        and session.revoked_at is null and session.epoch < lockdown.epoch) as living
    from ${given(queries, lockdowns)}`
  return [...rows]
}

/** An API key that was revoked. */
export interface RevokedApiKey {
  readonly lockdownId: Id<'lockdown'>
  readonly id: Id<'apiKey'>
}

/** Revokes the API keys that were issued before the lockdowns. Uses `api_keys_account`. */
export async function revokeLockedApiKeys(tx: Tx, lockdowns: readonly LockedAccount[]): Promise<RevokedApiKey[]> {
  const rows = await tx.sql<RevokedApiKey[]>`
    update api_keys as api_key set revoked_at = now(), revoked_because = 'lockdown' from ${given(tx, lockdowns)}
    where api_key.account_id = lockdown.account_id
      and api_key.revoked_at is null and api_key.epoch < lockdown.epoch
    returning lockdown.id as "lockdownId", api_key.id`
  return [...rows]
}

/** Counts the API keys that were issued before the lockdowns and are not revoked. */
export async function countLockedApiKeys(
  queries: Queries,
  lockdowns: readonly LockedAccount[],
): Promise<LeftCredentials[]> {
  const rows = await queries.sql<LeftCredentials[]>`
    select lockdown.id as "lockdownId", (
      select count(*)::int from api_keys as api_key where api_key.account_id = lockdown.account_id
        and api_key.revoked_at is null and api_key.epoch < lockdown.epoch) as living
    from ${given(queries, lockdowns)}`
  return [...rows]
}

/** An SSH key that was revoked, withdrawn from rentals, or both. */
export interface RevokedSshKey {
  readonly lockdownId: Id<'lockdown'>
  readonly id: Id<'sshKey'>
  readonly revoked: boolean
  /** From how many it was withdrawn. */
  readonly rentals: number
}

/** Revokes the SSH keys that were added before the lockdowns and withdraws them from every rental. */
export async function revokeLockedSshKeys(tx: Tx, lockdowns: readonly LockedAccount[]): Promise<RevokedSshKey[]> {
  const rows = await tx.sql<RevokedSshKey[]>`
    with revoked as (
      update ssh_keys as ssh_key set revoked_at = now(), revoked_because = 'lockdown' from ${given(tx, lockdowns)}
      where ssh_key.account_id = lockdown.account_id
        and ssh_key.revoked_at is null and ssh_key.epoch < lockdown.epoch
      returning lockdown.id as lockdown_id, ssh_key.id
    ), withdrawn as (
      update rental_keys as rental_key set state = 'withdrawn', changed_at = now(), confirmed_at = null
      from ${given(tx, lockdowns)} join ssh_keys as ssh_key on ssh_key.account_id = lockdown.account_id
      where ssh_key.epoch < lockdown.epoch
        and rental_key.ssh_key_id = ssh_key.id and rental_key.state <> 'withdrawn'
      returning lockdown.id as lockdown_id, ssh_key.id
    )
    select lockdown_id as "lockdownId", id, bool_or(revoked) as revoked, sum(rentals)::int as rentals from (
      select lockdown_id, id, true as revoked, 0 as rentals from revoked
      union all select lockdown_id, id, false, 1 from withdrawn
    ) as touched group by lockdown_id, id`
  return [...rows]
}

/** What is left of SSH keys that were added before a lockdown. */
export interface LeftSshKeys extends LeftCredentials {
  /** Rentals on which one still is to be. */
  readonly onRentals: number
  /** Rentals, by the product's names, whose host has not asked since its keys were withdrawn; 50 at most. */
  readonly unconfirmed: readonly string[]
}

/** Counts the SSH keys that were added before the lockdowns and are not revoked, or not withdrawn everywhere. */
export async function countLockedSshKeys(
  queries: Queries,
  lockdowns: readonly LockedAccount[],
): Promise<LeftSshKeys[]> {
  const rows = await queries.sql<LeftSshKeys[]>`
    select lockdown.id as "lockdownId", (
      select count(*)::int from ssh_keys as ssh_key where ssh_key.account_id = lockdown.account_id
        and ssh_key.revoked_at is null and ssh_key.epoch < lockdown.epoch) as living, (
      select count(*)::int from ssh_keys as ssh_key join rental_keys as rental_key on rental_key.ssh_key_id = ssh_key.id
      where ssh_key.account_id = lockdown.account_id and ssh_key.epoch < lockdown.epoch
        and rental_key.state <> 'withdrawn') as "onRentals",
      array(select host.id ${unconfirmedOf(queries)} order by host.id limit 50) as unconfirmed
    from ${given(queries, lockdowns)}`
  return [...rows]
}

/** The rentals of a `lockdown` that have a withdrawal unconfirmed, as `host`. */
function unconfirmedOf(queries: Queries) {
  return queries.sql`
    from rentals as host where host.account_id = lockdown.account_id and host.ended_at is null and exists (
      select from rental_keys as rental_key join ssh_keys as ssh_key on ssh_key.id = rental_key.ssh_key_id
      where rental_key.rental_id = host.id and rental_key.state = 'withdrawn' and rental_key.confirmed_at is null
        and ssh_key.epoch < lockdown.epoch)`
}

/** The lockdowns as rows. Not joined from their table: before it has any, the planner would begin with all sessions. */
function given(queries: Queries, lockdowns: readonly LockedAccount[]) {
  return queries.sql`unnest(
    ${lockdowns.map((one) => one.id)}::uuid[], ${lockdowns.map((one) => one.accountId)}::uuid[],
    ${lockdowns.map((one) => one.epoch)}::int[]) as lockdown (id, account_id, epoch)`
}
