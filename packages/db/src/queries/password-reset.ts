import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'
import { accountIdByKey, trustedEmailOf } from './email-change.ts'
import { hexOf } from './hex.ts'

/** One accepted request for a reset mail, with the audit event and the job that go with it. */
export interface NewResetRequest {
  readonly id: Id<'passwordReset'>
  readonly emailKey: string
  readonly salt: Uint8Array
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string
  readonly auditEventId: Id<'auditEvent'>
  readonly jobId: Id<'job'>
  readonly traceparent: string
}

/** What all jobs of one statement share. */
export interface ResetJob {
  readonly message: string
  readonly version: number
  readonly hearer: string
  readonly priority: number
}

/**
 * Accepts requests: state, audit event and job of each in one statement, which is one transaction and one round trip
 * (at high load the round trip is the cost, not the row). All are accepted, or none.
 */
export async function insertResetRequests(
  queries: Queries,
  requests: readonly NewResetRequest[],
  job: ResetJob,
): Promise<void> {
  await queries.sql`
    with asked as materialized (
      select * from unnest(
        ${requests.map((one) => one.id)}::uuid[], ${requests.map((one) => one.emailKey)}::text[],
        ${requests.map((one) => hexOf(one.salt))}::text[], ${requests.map((one) => one.ip)}::inet[],
        ${requests.map((one) => one.userAgent)}::text[], ${requests.map((one) => one.requestId)}::text[],
        ${requests.map((one) => one.auditEventId)}::uuid[], ${requests.map((one) => one.jobId)}::uuid[],
        ${requests.map((one) => one.traceparent)}::text[]
      ) as one (id, email_key, salt, ip, user_agent, request_id, audit_event_id, job_id, traceparent)
    ), stated as (
      insert into password_resets (id, email_key, salt, ip, user_agent)
      select id, email_key, decode(salt, 'hex'), ip, user_agent from asked
    ), audited as (
      insert into audit_events (id, action, actor, subject_kind, subject_id, request_id, details)
      select audit_event_id, 'authn_password_reset_requested', 'anonymous', 'password_reset', id, request_id, '{}'
      from asked
    )
    insert into jobs (id, message, version, hearer, payload, priority, traceparent)
    select job_id, ${job.message}, ${job.version}, ${job.hearer}, jsonb_build_object('passwordResetId', id),
      ${job.priority}, traceparent from asked`
}

/** A request with the account that its address belongs to, if any. */
export interface ResetWithAccount {
  readonly id: Id<'passwordReset'>
  readonly state: 'requested' | 'ready' | 'used' | 'void' | 'unknown' | 'limited'
  readonly salt: Uint8Array
  /** Of the token that was mailed; null before that, and where none was. */
  readonly tokenHash: Uint8Array | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestedAt: Date
  readonly expired: boolean
  readonly accountId: Id<'account'> | null
  readonly accountState: 'active' | 'locked' | 'disabled' | null
  readonly email: string | null
  readonly name: string | null
  readonly language: string | null
  /** The password was changed after this was asked for: it is no longer wanted. */
  readonly outdated: boolean
}

/** Reads requests, and locks their accounts so that one recipient's requests are decided one after another. */
export async function listResetsForUpdate(tx: Tx, ids: readonly Id<'passwordReset'>[]): Promise<ResetWithAccount[]> {
  await tx.sql`
    select id from accounts where id in (
      select ${askedAccountOf(tx)}
      from password_resets as reset where reset.id = any(${[...ids]}::uuid[])
    ) order by id for no key update`
  const rows = await tx.sql<ResetWithAccount[]>`
    select reset.id, reset.state, reset.salt, reset.token_hash as "tokenHash", host(reset.ip) as ip, reset.user_agent as "userAgent",
      reset.requested_at as "requestedAt", coalesce(reset.expires_at < now(), false) as expired,
      account.id as "accountId", account.state as "accountState", ${trustedEmailOf(tx)} as email, account.name, account.language,
      coalesce(account.password_changed_at > reset.requested_at, false) as outdated
    from password_resets as reset left join accounts as account
      on account.id = ${askedAccountOf(tx)}
    where reset.id = any(${[...ids]}::uuid[])
    order by reset.requested_at, reset.id`
  return [...rows]
}

/**
 * Whose account a `reset` asks for. It is found by its trusted address too: an intruder who has changed the address must not
 * keep its owner from the way back.
 */
function askedAccountOf(tx: Tx) {
  return tx.sql`coalesce(reset.account_id, ${accountIdByKey(tx, tx.sql`reset.email_key`)})`
}

/** What an account was sent lately. */
export interface RecentResets {
  /** Mails made ready within the last hour. */
  readonly readyLastHour: number
  /** When the newest of those was asked for. */
  readonly newestRequestedAt: Date | undefined
}

/** Reads what each account was sent within the last hour. Uses `password_resets_account`. */
export async function listRecentResets(
  tx: Tx,
  accountIds: readonly Id<'account'>[],
): Promise<Map<Id<'account'>, RecentResets>> {
  const rows = await tx.sql<{ accountId: Id<'account'>; ready: number; newest: Date }[]>`
    select account_id as "accountId", count(*)::int as ready, max(requested_at) as newest
    from password_resets
    where account_id = any(${[...accountIds]}::uuid[]) and ready_at > now() - interval '1 hour'
    group by account_id`
  return new Map(rows.map((row) => [row.accountId, { readyLastHour: row.ready, newestRequestedAt: row.newest }]))
}

/** How a request is to stand after the worker has decided on it. */
export interface ResetDecision {
  readonly id: Id<'passwordReset'>
  readonly state: 'ready' | 'void' | 'unknown' | 'limited'
  readonly accountId: Id<'account'> | null
  readonly tokenHash: Uint8Array | null
}

/**
 * Writes decisions. A ready one gets `validMinutes` from now, and voids the older tokens of its account;
 * the address that was asked for is forgotten in every case.
 */
export async function applyResetDecisions(
  tx: Tx,
  decisions: readonly ResetDecision[],
  validMinutes: number,
): Promise<void> {
  const ready = decisions.filter((one) => one.state === 'ready')
  await tx.sql`
    update password_resets set state = 'void', ended_at = now(), ip = null, user_agent = null
    where state = 'ready' and account_id = any(${ready.map((one) => one.accountId)}::uuid[])`
  await tx.sql`
    update password_resets set state = decided.state, account_id = decided.account_id, email_key = null,
      token_hash = decode(decided.token_hash, 'hex'),
      ready_at = case when decided.state = 'ready' then now() end,
      expires_at = case when decided.state = 'ready' then now() + ${validMinutes} * interval '1 minute' end,
      ended_at = case when decided.state <> 'ready' then now() end,
      ip = case when decided.state = 'ready' then ip end,
      user_agent = case when decided.state = 'ready' then user_agent end
    from unnest(
      ${decisions.map((one) => one.id)}::uuid[], ${decisions.map((one) => one.state)}::text[],
      ${decisions.map((one) => one.accountId)}::uuid[], ${decisions.map((one) => one.tokenHash && hexOf(one.tokenHash))}::text[]
    ) as decided (id, state, account_id, token_hash)
    where password_resets.id = decided.id`
}

/** A token that may be used now, and whose it is. */
export interface UsableReset {
  readonly id: Id<'passwordReset'>
  readonly accountId: Id<'account'>
  readonly email: string
  readonly name: string
}

/**
 * Finds the reset of a token that is unused, current and unexpired. Promises nothing about the next moment.
 * Looks the token up first: asked in one condition, the planner may read all that are unexpired instead.
 */
export async function findUsableReset(queries: Queries, tokenHash: Uint8Array): Promise<UsableReset | undefined> {
  const [row] = await queries.sql<UsableReset[]>`
    with reset as materialized (
      select id, account_id, state, expires_at from password_resets where token_hash = ${tokenHash}
    )
    select reset.id, account.id as "accountId", account.email, account.name
    from reset join accounts as account on account.id = reset.account_id
    where reset.state = 'ready' and reset.expires_at > now() and account.state = 'active'`
  return row
}

/** Uses up a token: `true` for exactly one caller, however many try. The account must be locked by this transaction. */
export async function updateResetUsed(tx: Tx, id: Id<'passwordReset'>): Promise<boolean> {
  const rows = await tx.sql`
    update password_resets set state = 'used', ended_at = now(), ip = null, user_agent = null
    where id = ${id} and state = 'ready' and expires_at > now() returning id`
  return rows.length === 1
}

/** Voids every token of an account that could still be used; returns how many. */
export async function voidResets(tx: Tx, accountId: Id<'account'>): Promise<number> {
  const rows = await tx.sql`
    update password_resets set state = 'void', ended_at = now(), ip = null, user_agent = null
    where account_id = ${accountId} and state = 'ready' returning id`
  return rows.length
}

/** Ends up to `most` tokens that have expired. Uses `password_resets_expires_at`. */
export async function voidExpiredResets(tx: Tx, most: number): Promise<Id<'passwordReset'>[]> {
  const rows = await tx.sql<{ id: Id<'passwordReset'> }[]>`
    with expired as (
      select id from password_resets where state = 'ready' and expires_at < now()
      order by expires_at limit ${most} for update skip locked
    )
    update password_resets set state = 'void', ended_at = now(), ip = null, user_agent = null
    from expired where password_resets.id = expired.id returning password_resets.id`
  return rows.map((row) => row.id)
}

/** Deletes up to `most` requests that are older than `days`. Ids are in order of time, so the primary key finds them. */
export async function deleteOldResets(tx: Tx, days: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from password_resets where id < ${oldestIdWithin(tx, days)}
      order by id limit ${most} for update skip locked
    )
    delete from password_resets using old where password_resets.id = old.id returning password_resets.id`
  return rows.length
}
