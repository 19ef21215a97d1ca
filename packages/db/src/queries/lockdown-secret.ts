import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { retireHeld } from './former-password.ts'

// Each takes lockdowns whose accounts this transaction has locked. What carries no epoch is touched only until the owner
// begins the recovery: nothing of it can be made before, as the account is locked, and nothing of it is the intruder's after.

/** What was made void. */
export interface VoidedTokens {
  readonly lockdownId: Id<'lockdown'>
  readonly resetLinks: number
  readonly challenges: number
  readonly emailChanges: number
  readonly knownDevices: number
}

/**
 * Voids what was mailed or half made before the lockdowns: reset links, logins that wait for a code, changes of address that
 * were asked for. Forgets the devices that became known within the suspect window.
 */
export async function voidLockedTokens(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<VoidedTokens[]> {
  const rows = await tx.sql<VoidedTokens[]>`
    with lockdown as (
      select id, account_id, epoch, compromised_since, recovery from lockdowns where id = any(${[...ids]}::uuid[])
    ), reset as (
      update password_resets as reset set state = 'void', ended_at = now(), ip = null, user_agent = null from lockdown
      where lockdown.recovery = 'none' and reset.account_id = lockdown.account_id and reset.state = 'ready'
      returning lockdown.id
    ), challenge as (
      update login_challenges as challenge set used_at = now() from lockdown
      where challenge.account_id = lockdown.account_id and challenge.used_at is null and challenge.epoch < lockdown.epoch
      returning lockdown.id
    ), change as (
      update email_changes as change set state = 'void', ended_at = now() from lockdown
      where change.account_id = lockdown.account_id and change.state = 'requested' and change.epoch < lockdown.epoch
      returning lockdown.id
    ), device as (
      delete from known_devices as device using lockdown
      where lockdown.recovery = 'none' and device.account_id = lockdown.account_id
        and device.created_at >= lockdown.compromised_since
      returning lockdown.id
    )
    select id as "lockdownId",
      (select count(*)::int from reset where reset.id = lockdown.id) as "resetLinks",
      (select count(*)::int from challenge where challenge.id = lockdown.id) as challenges,
      (select count(*)::int from change where change.id = lockdown.id) as "emailChanges",
      (select count(*)::int from device where device.id = lockdown.id) as "knownDevices"
    from lockdown`
  return [...rows]
}

/** Counts what `voidLockedTokens` should have left nothing of. */
export async function countLockedTokens(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<VoidedTokens[]> {
  const rows = await queries.sql<VoidedTokens[]>`
    select lockdown.id as "lockdownId",
      (select count(*)::int from password_resets as reset
        where lockdown.recovery = 'none' and reset.account_id = lockdown.account_id and reset.state = 'ready') as "resetLinks",
      (select count(*)::int from login_challenges as challenge where challenge.account_id = lockdown.account_id
        and challenge.used_at is null and challenge.epoch < lockdown.epoch) as challenges,
      (select count(*)::int from email_changes as change where change.account_id = lockdown.account_id
        and change.state = 'requested' and change.epoch < lockdown.epoch) as "emailChanges",
      (select count(*)::int from known_devices as device
        where lockdown.recovery = 'none' and device.account_id = lockdown.account_id
          and device.created_at >= lockdown.compromised_since) as "knownDevices"
    from lockdowns as lockdown where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/**
 * Takes the passwords of locked accounts away, and keeps them as former ones, so that no recovery takes them again. Returns
 * the lockdowns whose account had one.
 */
export async function retireLockedPasswords(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<Id<'lockdown'>[]> {
  const rows = await tx.sql<{ id: Id<'lockdown'> }[]>`
    with held as (
      select lockdown.id, account.id as account_id, account.password_hash
      from lockdowns as lockdown join accounts as account on account.id = lockdown.account_id
      where lockdown.id = any(${[...ids]}::uuid[]) and lockdown.recovery = 'none' and account.state = 'locked'
        and (account.password_hash is not null or account.password_compromised_at is null)
    ), marked as (
      update accounts set password_hash = null, password_compromised_at = now() from held where accounts.id = held.account_id
    ), ${retireHeld(tx)}
    select id from held where password_hash is not null`
  return rows.map((row) => row.id)
}

/** How the password of a locked account stands. */
export interface LockedPassword {
  readonly lockdownId: Id<'lockdown'>
  /** Whether a password opens anything; after the recovery has begun it is the owner's new one. */
  readonly usable: boolean
  readonly compromisedAt: Date | null
}

/** Reads how the passwords of locked accounts stand. */
export async function listLockedPasswords(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<LockedPassword[]> {
  const rows = await queries.sql<LockedPassword[]>`
    select lockdown.id as "lockdownId", account.password_hash is not null and lockdown.recovery = 'none' as usable,
      account.password_compromised_at as "compromisedAt"
    from lockdowns as lockdown join accounts as account on account.id = lockdown.account_id
    where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** A second factor that was taken away. */
export interface RemovedFactor {
  readonly lockdownId: Id<'lockdown'>
  /** False: an enrolment that was not finished. */
  readonly confirmed: boolean
  readonly backupCodes: number
}

/**
 * Takes away the second factors that were enrolled within the suspect window, with their backup codes, and enrolments that
 * were not finished. An older one stays: it may be all that its owner has left.
 */
export async function deleteSuspectFactors(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<RemovedFactor[]> {
  const rows = await tx.sql<RemovedFactor[]>`
    with factor as (
      delete from totp_factors as factor using lockdowns as lockdown
      where lockdown.id = any(${[...ids]}::uuid[]) and lockdown.recovery = 'none'
        and factor.account_id = lockdown.account_id
        and (factor.confirmed_at is null or factor.confirmed_at >= lockdown.compromised_since)
      returning lockdown.id, factor.account_id, factor.confirmed_at
    ), code as (
      delete from backup_codes as code using factor
      where code.account_id = factor.account_id and factor.confirmed_at is not null returning factor.id
    )
    select factor.id as "lockdownId", factor.confirmed_at is not null as confirmed,
      (select count(*)::int from code where code.id = factor.id) as "backupCodes"
    from factor`
  return [...rows]
}

/** How the second factor of a locked account stands. */
export interface LockedFactor {
  readonly lockdownId: Id<'lockdown'>
  /** An active one: demanded at the recovery. */
  readonly kept: boolean
  /** One that should be gone is not. */
  readonly suspect: boolean
  readonly backupCodes: number
}

/** Reads how the second factors of locked accounts stand. */
export async function listLockedFactors(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<LockedFactor[]> {
  const rows = await queries.sql<LockedFactor[]>`
    select lockdown.id as "lockdownId", factor.confirmed_at is not null as kept,
      lockdown.recovery = 'none' and factor.account_id is not null
        and (factor.confirmed_at is null or factor.confirmed_at >= lockdown.compromised_since) as suspect,
      (select count(*)::int from backup_codes as code
        where code.account_id = lockdown.account_id and code.used_at is null) as "backupCodes"
    from lockdowns as lockdown left join totp_factors as factor on factor.account_id = lockdown.account_id
    where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}
