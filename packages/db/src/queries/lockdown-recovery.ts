import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { RecoveryStage } from './lockdown.ts'

/** A lockdown whose owner is on the way back, with what a step is judged by. */
export interface RecoveringLockdown {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  readonly recovery: RecoveryStage
  readonly txn: string
  readonly openedAt: Date
  readonly snapshot: Record<string, unknown>
  readonly email: string
  readonly name: string
  readonly role: 'member' | 'support' | 'admin'
  /** Whether a second factor is active now. */
  readonly factor: boolean
  /** Whether one was when it was opened. */
  readonly hadFactor: boolean
  /** Whether every credential from before is proven dead, so that a recovery may begin. */
  readonly safe: boolean
  /** Whether all that is to be looked through has been gathered. */
  readonly gathered: boolean
}

/** How long a begun recovery may go on. */
const grantMinutes = 60

/** Finds the lockdown that a mailed token recovers. A wrong id and a wrong token are the same. */
export async function findLockdownByToken(
  queries: Queries,
  id: Id<'lockdown'>,
  tokenHash: Uint8Array,
): Promise<RecoveringLockdown | undefined> {
  const [row] = await queries.sql<RecoveringLockdown[]>`
    select ${columns(queries)} from ${joined(queries)}
    where lockdown.id = ${id} and lockdown.recovery_hash = ${tokenHash} and ${isLocked(queries)}`
  return row
}

/** Finds the lockdown that a grant goes on with. */
export async function findLockdownByGrant(
  queries: Queries,
  id: Id<'lockdown'>,
  grantHash: Uint8Array,
): Promise<RecoveringLockdown | undefined> {
  const [row] = await queries.sql<RecoveringLockdown[]>`
    select ${columns(queries)} from ${joined(queries)}
    where lockdown.id = ${id} and lockdown.grant_hash = ${grantHash} and lockdown.grant_expires_at > now()
      and ${isLocked(queries)}`
  return row
}

/** Begins a recovery, or begins it anew: an earlier grant opens nothing from then on. The account must be locked. */
export async function updateRecoveryBegun(
  tx: Tx,
  id: Id<'lockdown'>,
  tokenHash: Uint8Array,
  grantHash: Uint8Array,
): Promise<boolean> {
  const rows = await tx.sql`
    update lockdowns set recovery = 'begun', grant_hash = ${grantHash},
      grant_expires_at = now() + ${grantMinutes} * interval '1 minute'
    where id = ${id} and recovery_hash = ${tokenHash} and state <> 'recovered' returning id`
  return rows.length === 1
}

/** A step of a recovery that is over: from which stage to which. */
export interface RecoveryAdvance {
  readonly id: Id<'lockdown'>
  readonly grantHash: Uint8Array
  readonly from: RecoveryStage
  readonly to: RecoveryStage
}

/** Goes on to the next stage: `true` for exactly one of many callers at once, and only with a living grant. */
export async function updateRecoveryStage(tx: Tx, advance: RecoveryAdvance): Promise<boolean> {
  const rows = await tx.sql`
    update lockdowns set recovery = ${advance.to}
    where id = ${advance.id} and recovery = ${advance.from} and grant_hash = ${advance.grantHash}
      and grant_expires_at > now() and state <> 'recovered'
    returning id`
  return rows.length === 1
}

/** Uses the mailed token up. A further mail makes another from the new salt. */
export async function updateRecoveryTokenUsed(tx: Tx, id: Id<'lockdown'>, salt: Uint8Array): Promise<void> {
  await tx.sql`update lockdowns set recovery_hash = null, recovery_salt = ${salt} where id = ${id}`
}

/**
 * Ends the recovery: account active, password no longer known to others, grant and token dead. `false` where it is over, or
 * the account has no new password: then the caller must roll back.
 */
export async function updateRecovered(tx: Tx, { id, grantHash }: RecoveryAdvance): Promise<boolean> {
  const rows = await tx.sql<{ accountId: Id<'account'> }[]>`
    update lockdowns set state = 'recovered', recovery = 'done', recovered_at = clock_timestamp(), grant_hash = null,
      grant_expires_at = null, recovery_hash = null
    where id = ${id} and recovery = 'review' and grant_hash = ${grantHash} and grant_expires_at > now()
      and state <> 'recovered'
    returning account_id as "accountId"`
  const [row] = rows
  if (!row) return false
  const active = await tx.sql`
    update accounts set state = 'active', password_compromised_at = null
    where id = ${row.accountId} and state = 'locked' and password_hash is not null returning id`
  if (active.length === 0) return false
  await tx.sql`update operations set updated_at = clock_timestamp() where id = ${id}`
  return true
}

/** Something to look through. */
export interface LockdownItemRow {
  readonly id: Id<'lockdownItem'>
  readonly kind:
    | 'session'
    | 'login'
    | 'api_key'
    | 'ssh_key'
    | 'second_factor'
    | 'email_change'
    | 'password'
    | 'transaction'
  readonly subject: string
  readonly occurredAt: Date
  readonly summary: Record<string, unknown>
  readonly suspect: boolean
  readonly decision: 'keep' | 'undo' | null
  /** Null where nobody decided and the rule did. */
  readonly decidedAt: Date | null
}

/** Items of one lockdown: as many as are gathered at most. */
const itemsMost = 500

/** Lists what there is to look through, the latest first. Uses `lockdown_items_order`. */
export async function listLockdownItems(queries: Queries, id: Id<'lockdown'>): Promise<LockdownItemRow[]> {
  const rows = await queries.sql<LockdownItemRow[]>`
    select id, kind, subject, occurred_at as "occurredAt", summary, suspect, decision, decided_at as "decidedAt"
    from lockdown_items where lockdown_id = ${id} order by occurred_at desc, id desc limit ${itemsMost}`
  return [...rows]
}

/** What the owner decided of an item. */
export interface ItemDecision {
  readonly id: Id<'lockdownItem'>
  readonly decision: 'keep' | 'undo'
}

/** Writes decisions of the owner down; those that were decided before stay. Returns the ids that were written. */
export async function updateItemsDecided(
  tx: Tx,
  id: Id<'lockdown'>,
  decisions: readonly ItemDecision[],
): Promise<Set<Id<'lockdownItem'>>> {
  const rows = await tx.sql<{ id: Id<'lockdownItem'> }[]>`
    update lockdown_items as item set decision = decided.decision, decided_at = now()
    from unnest(${decisions.map((one) => one.id)}::uuid[], ${decisions.map((one) => one.decision)}::text[])
      as decided (id, decision)
    where item.id = decided.id and item.lockdown_id = ${id} and item.decision is null
    returning item.id`
  return new Set(rows.map((row) => row.id))
}

/** What nobody decided and is suspect is undone, by rule. Returns which. */
export async function updateItemsByRule(tx: Tx, id: Id<'lockdown'>): Promise<Set<Id<'lockdownItem'>>> {
  const rows = await tx.sql<{ id: Id<'lockdownItem'> }[]>`
    update lockdown_items set decision = 'undo'
    where lockdown_id = ${id} and decision is null and suspect returning id`
  return new Set(rows.map((row) => row.id))
}

/** Locks an account that waits for its owner; `false` when it is gone, disabled or back already. */
export async function lockLockedAccount(tx: Tx, id: Id<'account'>): Promise<boolean> {
  const rows = await tx.sql`select id from accounts where id = ${id} and state = 'locked' for no key update`
  return rows.length === 1
}

/** Takes away a factor that was active when the lockdown was opened, with its backup codes; `false` where there is none. */
export async function deleteFactorFromBefore(tx: Tx, accountId: Id<'account'>, openedAt: Date): Promise<boolean> {
  const rows = await tx.sql`
    delete from totp_factors where account_id = ${accountId} and confirmed_at <= ${openedAt} returning account_id`
  if (rows.length === 0) return false
  await tx.sql`delete from backup_codes where account_id = ${accountId}`
  return true
}

/** An SSH key that a lockdown revoked. */
export interface LockedSshKey {
  readonly id: Id<'sshKey'>
  readonly name: string
  readonly type: string
  readonly canonical: string
  readonly fingerprint: Uint8Array
}

/** Reads an SSH key that this lockdown found alive and revoked. */
export async function findLockedSshKey(
  tx: Tx,
  lockdown: Pick<RecoveringLockdown, 'id' | 'accountId'>,
  id: string,
): Promise<LockedSshKey | undefined> {
  const [row] = await tx.sql<LockedSshKey[]>`
    select ssh_key.id, ssh_key.name, ssh_key.type, ssh_key.canonical, ssh_key.fingerprint
    from ssh_keys as ssh_key join lockdowns as lockdown on lockdown.id = ${lockdown.id}
    where ssh_key.id = ${id}::uuid and ssh_key.account_id = ${lockdown.accountId} and ssh_key.revoked_at is not null
      and lockdown.snapshot -> 'sshKeys' ? ssh_key.id::text`
  return row
}

function joined(queries: Queries) {
  return queries.sql`lockdowns as lockdown join accounts as account on account.id = lockdown.account_id`
}

function isLocked(queries: Queries) {
  return queries.sql`lockdown.state <> 'recovered' and account.state = 'locked'`
}

function columns(queries: Queries) {
  return queries.sql`
    lockdown.id, lockdown.account_id as "accountId", lockdown.recovery, lockdown.txn,
    lockdown.opened_at as "openedAt", lockdown.snapshot, account.email, account.name, account.role,
    exists (select from totp_factors as factor where factor.account_id = account.id and factor.confirmed_at is not null)
      as factor,
    coalesce(jsonb_typeof(lockdown.snapshot -> 'secondFactor') = 'object', false) as "hadFactor",
    not exists (
      select from lockdown_steps as step where step.lockdown_id = lockdown.id and step.state <> 'proven'
        and step.step in ('sessions', 'api_keys', 'ssh_keys', 'tokens', 'password', 'second_factor')
    ) as safe,
    not exists (
      select from lockdown_steps as step where step.lockdown_id = lockdown.id and step.state <> 'proven'
        and step.step = 'review'
    ) as gathered`
}
