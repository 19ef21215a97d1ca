import type { Id } from '@portcullis/contracts/ids'
import type { LockdownStep } from '@portcullis/contracts/lockdown-step'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { Actor } from './audit-event.ts'

/** What set a lockdown off. */
export type LockdownTrigger = 'owner' | 'link' | 'admin' | 'api_client' | 'signal' | 'email_reverted'

/** Where a lockdown stands. */
export type LockdownState = 'open' | 'contained' | 'recovered'

/** Where its recovery stands. */
export type RecoveryStage = 'none' | 'begun' | 'second_factor' | 'review' | 'done'

/** A lockdown, without its secrets. */
export interface LockdownRow {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  readonly trigger: LockdownTrigger
  readonly reason: string | null
  readonly compromisedSince: Date
  readonly epoch: number
  readonly state: LockdownState
  readonly recovery: RecoveryStage
  readonly joined: number
  readonly snapshot: Record<string, unknown>
  /** One for all security events of this lockdown. */
  readonly txn: string
  readonly openedAt: Date
  readonly containedAt: Date | null
  readonly recoveredAt: Date | null
}

/** A lockdown to be opened. */
export interface NewLockdown {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  readonly trigger: LockdownTrigger
  readonly reason: string | null
  /** Null: `suspectDays` before now. */
  readonly compromisedSince: Date | null
  readonly actor: Actor
  readonly actorId: string | null
  readonly txn: string
  readonly recoverySalt: Uint8Array
}

/** How far back an intruder is taken to have been at work, where nobody says since when. */
export const suspectDays = 7

/** Locks the row of an account, whatever its state, and tells that; `undefined` when it is gone. */
export async function lockAccountState(
  tx: Tx,
  id: Id<'account'>,
): Promise<'active' | 'locked' | 'disabled' | undefined> {
  const [row] = await tx.sql<{ state: 'active' | 'locked' | 'disabled' }[]>`
    select state from accounts where id = ${id} for no key update`
  return row?.state
}

/** Finds the lockdown under which an account is now. Uses `lockdowns_one`. */
export async function findOpenLockdown(queries: Queries, accountId: Id<'account'>): Promise<LockdownRow | undefined> {
  const [row] = await queries.sql<LockdownRow[]>`
    select ${columns(queries)} from lockdowns as lockdown where account_id = ${accountId} and state <> 'recovered'`
  return row
}

/** Reads a lockdown. */
export async function findLockdown(queries: Queries, id: Id<'lockdown'>): Promise<LockdownRow | undefined> {
  const [row] = await queries.sql<LockdownRow[]>`select ${columns(queries)} from lockdowns as lockdown where id = ${id}`
  return row
}

/**
 * Raises the fence of an account and locks it: from the commit on, whatever was issued before opens nothing. The account
 * must be locked by this transaction. Writes the lockdown with a snapshot of what there was: ids and counts.
 */
export async function insertLockdown(
  tx: Tx,
  lockdown: NewLockdown,
  steps: readonly LockdownStep[],
): Promise<LockdownRow> {
  const one = lockdown
  // The snapshot is that of before the fence: a statement sees nothing of what it writes, so what was alive is told from
  // what was not by the same rule as ever.
  const [row] = await tx.sql<LockdownRow[]>`
    with fence as (
      update accounts set state = 'locked', security_epoch = security_epoch + 1 where id = ${one.accountId}
      returning security_epoch
    ), operation as (
      insert into operations (id, kind, account_id, actor, actor_id, total)
      values (${one.id}, 'lockdown', ${one.accountId}, ${one.actor}, ${one.actorId}, ${steps.length})
    ), step as (
      insert into lockdown_steps (lockdown_id, step, counts)
      select ${one.id}, step, '{}'::jsonb from unnest(${[...steps]}::text[]) as step
    )
    insert into lockdowns as lockdown (id, account_id, trigger, reason, compromised_since, epoch, snapshot, txn, recovery_salt)
    select ${one.id}, ${one.accountId}, ${one.trigger}, ${one.reason},
      coalesce(${one.compromisedSince}::timestamptz, now() - ${suspectDays} * interval '1 day'),
      fence.security_epoch, ${snapshotOf(tx, one.accountId)}, ${one.txn}, ${one.recoverySalt}
    from fence
    returning ${columns(tx)}`
  if (!row) throw new Error('a lockdown that was just written is not there')
  return row
}

/** A further trigger of a lockdown that is open: it reaches back as far as the earliest of them says. */
export async function updateLockdownJoined(
  tx: Tx,
  id: Id<'lockdown'>,
  compromisedSince: Date | null,
): Promise<LockdownRow | undefined> {
  const [row] = await tx.sql<LockdownRow[]>`
    update lockdowns as lockdown set joined = joined + 1,
      compromised_since = least(compromised_since, ${compromisedSince}::timestamptz)
    where id = ${id} returning ${columns(tx)}`
  return row
}

/** What an account had: ids and counts, no secret, no address. Each list is bounded by a limit of the house. */
function snapshotOf(queries: Queries, accountId: Id<'account'>) {
  return queries.sql`
    jsonb_build_object(
      'sessions', (select coalesce(jsonb_agg(id order by last_seen_at desc), '[]') from (
        select id, last_seen_at from sessions where account_id = ${accountId} and revoked_at is null
        order by last_seen_at desc limit 50) as session),
      'apiKeys', (select coalesce(jsonb_agg(id), '[]') from (
        select id from api_keys where account_id = ${accountId} and revoked_at is null order by id limit 20) as api_key),
      'sshKeys', (select coalesce(jsonb_agg(id), '[]') from (
        select id from ssh_keys where account_id = ${accountId} and revoked_at is null order by id limit 20) as ssh_key),
      'secondFactor', (select jsonb_build_object('confirmedAt', confirmed_at) from totp_factors
        where account_id = ${accountId} and confirmed_at is not null),
      'backupCodes', (select count(*) from backup_codes where account_id = ${accountId} and used_at is null),
      'emailChanges', (select coalesce(jsonb_agg(id), '[]') from (
        select id from email_changes where account_id = ${accountId} and state in ('requested', 'confirmed')
        order by requested_at desc limit 20) as change),
      'rentals', (select count(*) from rentals where account_id = ${accountId} and ended_at is null),
      'recentEvents', (select coalesce(jsonb_agg(id), '[]') from (
        select id from audit_events where account_id = ${accountId} order by occurred_at desc limit 50) as event))`
}

function columns(queries: Queries) {
  return queries.sql`
    lockdown.id, lockdown.account_id as "accountId", lockdown.trigger, lockdown.reason,
    lockdown.compromised_since as "compromisedSince", lockdown.epoch, lockdown.state, lockdown.recovery, lockdown.joined,
    lockdown.snapshot, lockdown.txn, lockdown.opened_at as "openedAt", lockdown.contained_at as "containedAt",
    lockdown.recovered_at as "recoveredAt"`
}
