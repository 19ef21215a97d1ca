import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'

/** The closing of an account. */
export interface ErasedAccount {
  readonly id: Id<'accountClosing'>
  readonly accountId: Id<'account'>
}

/** Ends every active session of an account and notes by which closing; returns how many. Uses `sessions_active`. */
export async function revokeEverySession(tx: Tx, { id, accountId }: ErasedAccount, because: string): Promise<number> {
  const { count } = await tx.sql`
    update sessions set revoked_at = now(), revoked_because = ${because}, revoked_by = ${id}
    where account_id = ${accountId} and revoked_at is null`
  return count
}

/** What was taken from an account that is closed. */
export interface TakenKeys {
  readonly apiKeys: readonly Id<'apiKey'>[]
  readonly sshKeys: readonly Id<'sshKey'>[]
  /** How often an SSH key was on a rented server. */
  readonly withdrawn: number
}

/** Revokes every key of an account and withdraws it from every rented server. The account must be locked by this transaction. */
export async function revokeEveryKey(tx: Tx, accountId: Id<'account'>, because: string): Promise<TakenKeys> {
  const apiKeys = await tx.sql<{ id: Id<'apiKey'> }[]>`
    update api_keys set revoked_at = now(), revoked_because = ${because}
    where account_id = ${accountId} and revoked_at is null returning id`
  const sshKeys = await tx.sql<{ id: Id<'sshKey'> }[]>`
    update ssh_keys set revoked_at = now(), revoked_because = ${because}
    where account_id = ${accountId} and revoked_at is null returning id`
  const withdrawn = await tx.sql`
    update rental_keys set state = 'withdrawn', changed_at = now(), confirmed_at = null
    from ssh_keys as ssh_key
    where ssh_key.account_id = ${accountId} and rental_keys.ssh_key_id = ssh_key.id and rental_keys.state <> 'withdrawn'
    returning rental_keys.rental_id`
  return {
    apiKeys: apiKeys.map((row) => row.id),
    sshKeys: sshKeys.map((row) => row.id),
    withdrawn: withdrawn.length,
  }
}

/** Rows that were deleted, by kind. */
export type ErasedCounts = Readonly<Record<string, number>>

/** What can be many, each by an index that begins with the account. */
const plainTables = [
  'notices',
  'password_resets',
  'risk_signals',
  'known_devices',
  'login_challenges',
  'api_keys',
  'ssh_keys',
  'email_changes',
  'former_passwords',
] as const

/**
 * Deletes up to `most` rows of each kind that an account has; nothing of its row itself. All zero: nothing is left but what
 * `eraseAccount` takes. Sessions go by the closing that ended them; those that had ended before, with the login history that
 * names them: they have no index by account.
 */
export async function eraseChunk(tx: Tx, { id, accountId }: ErasedAccount, most: number): Promise<ErasedCounts> {
  const counts: Record<string, number> = {}
  const [history] = await tx.sql<{ logins: number; sessions: number }[]>`
    with login as (
      delete from login_events where ctid = any(array(
        select ctid from login_events where account_id = ${accountId} order by id limit ${most}))
      returning session_id
    ), session as (
      delete from sessions using login
      where sessions.id = login.session_id and sessions.account_id = ${accountId} returning sessions.id
    )
    select (select count(*)::int from login) as logins, (select count(*)::int from session) as sessions`
  counts['login_events'] = history?.logins ?? 0
  counts['sessions'] = history?.sessions ?? 0
  const sessions = await tx.sql`
    delete from sessions where ctid = any(array(
      select ctid from sessions where revoked_by = ${id} and account_id = ${accountId} limit ${most}))`
  counts['sessions'] += sessions.count
  for (const table of plainTables) {
    const { count } = await tx.sql`
      delete from ${tx.sql(table)} where ctid = any(array(
        select ctid from ${tx.sql(table)} where account_id = ${accountId} limit ${most}))`
    counts[table] = count
  }
  for (const table of ['lockdowns', 'account_exports'] as const) {
    // The operation goes with what it was about.
    const rows = await tx.sql`
      with subject as (
        delete from ${tx.sql(table)} where ctid = any(array(
          select ctid from ${tx.sql(table)} where account_id = ${accountId} limit ${most})) returning id
      )
      delete from operations using subject where operations.id = subject.id`
    counts[table] = rows.count
  }
  return counts
}

/**
 * Deletes the account's row with all that hangs on it, and what is kept under its address or id elsewhere: requests to
 * register, tokens for a first admin, answers under an `Idempotency-Key`. The account must be locked by this transaction.
 */
export async function eraseAccount(tx: Tx, accountId: Id<'account'>): Promise<ErasedCounts> {
  const registrations = await tx.sql`
    delete from registrations using accounts as account
    where account.id = ${accountId} and registrations.email_key = account.email_key`
  await tx.sql`
    delete from bootstrap_tokens using accounts as account
    where account.id = ${accountId} and bootstrap_tokens.email_key = account.email_key`
  const answers = await tx.sql`delete from idempotency_keys where scope = ${accountId}`
  const accounts = await tx.sql`delete from accounts where id = ${accountId}`
  return { registrations: registrations.count, idempotency_keys: answers.count, accounts: accounts.count }
}

/** Whether an event of an account is still owed to an endpoint, which is told from the event itself. */
export async function isOwedToEndpoint(tx: Tx, accountId: Id<'account'>): Promise<boolean> {
  const rows = await tx.sql`
    with event as materialized (
      select id from audit_events where account_id = ${accountId}
    ), owed as materialized (
      select endpoint.id as endpoint_id, event.id as event_id from webhook_endpoints as endpoint cross join event
    )
    select delivery.id from owed join webhook_deliveries as delivery
      on delivery.endpoint_id = owed.endpoint_id and delivery.audit_event_id = owed.event_id
    where delivery.state = 'pending' limit 1`
  return rows.length === 1
}

/** What is left of an account's audit trail. */
export interface AuditErasure {
  /** Events that were made pseudonymous. */
  readonly erased: number
  /** Whether any is left: one that is not sealed yet. */
  readonly left: boolean
}

/**
 * Makes up to `most` audit events of an erased account pseudonymous, and forgets to whom they were told: a delivery is made from
 * its event. The chain stays verifiable, see `erase_audit_of`. Uses `audit_events_account`, `webhook_deliveries_event`.
 */
export async function eraseAudit(tx: Tx, accountId: Id<'account'>, most: number): Promise<AuditErasure> {
  await tx.sql`
    with owed as materialized (
      select endpoint.id as endpoint_id, event.id as event_id from webhook_endpoints as endpoint cross join (
        select id from audit_events where account_id = ${accountId} order by occurred_at limit ${most}) as event
    )
    delete from webhook_deliveries using owed
    where webhook_deliveries.endpoint_id = owed.endpoint_id and webhook_deliveries.audit_event_id = owed.event_id`
  const [row] = await tx.sql<{ erased: number }[]>`select erase_audit_of(${accountId}, ${most}) as erased`
  const left = await tx.sql`select id from audit_events where account_id = ${accountId} limit 1`
  return { erased: row?.erased ?? 0, left: left.length > 0 }
}
