import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { isWithinFences } from './fence.ts'
import type { OwnAccount } from './owner.ts'

/** One of the staff who asks, by their session. */
export interface StaffSession {
  readonly id: Id<'session'>
  readonly accountId: Id<'account'>
}

/** What staff may change of an account, and what decides whether they may. */
export interface AdministeredAccount {
  readonly role: OwnAccount['role']
  readonly state: OwnAccount['state']
  readonly twoFactor: boolean
  /** Whether a lockdown waits for its owner. */
  readonly isUnderLockdown: boolean
}

/** Whoever acts, and whom they act on, both locked. */
export interface LockedPair {
  /** The role of whoever acts, at this moment; `undefined` where their session is dead or lacks its second factor. */
  readonly actorRole: OwnAccount['role'] | undefined
  /** `undefined`: there is no such account. */
  readonly target: AdministeredAccount | undefined
}

/**
 * Locks the account of one of the staff and the one they act on, in the order of ids: of two who act on each other at once the
 * second finds what the first has made of them.
 */
export async function lockStaffAndTarget(tx: Tx, actor: StaffSession, targetId: Id<'account'>): Promise<LockedPair> {
  // Two statements: the second must see what was committed while the first waited for the lock.
  await tx.sql`
    select id from accounts where id = any(${[actor.accountId, targetId]}::uuid[]) order by id for no key update`
  const [row] = await tx.sql<{ role: OwnAccount['role'] }[]>`
    select account.role from sessions as session join accounts as account on account.id = session.account_id
    where session.id = ${actor.id} and session.revoked_at is null and session.expires_at > now()
      and session.second_factor and ${isWithinFences(tx, 'session')}`
  return { actorRole: row?.role, target: await findAdministered(tx, targetId) }
}

async function findAdministered(queries: Queries, id: Id<'account'>): Promise<AdministeredAccount | undefined> {
  const [row] = await queries.sql<AdministeredAccount[]>`
    select role, state,
      exists (select from totp_factors where account_id = account.id and confirmed_at is not null) as "twoFactor",
      exists (select from lockdowns where account_id = account.id and state <> 'recovered') as "isUnderLockdown"
    from accounts as account where id = ${id}`
  return row
}

/** The role of an account at this moment; `undefined` where there is none. */
export async function findRole(queries: Queries, id: Id<'account'>): Promise<OwnAccount['role'] | undefined> {
  const [row] = await queries.sql<{ role: OwnAccount['role'] }[]>`select role from accounts where id = ${id}`
  return row?.role
}

/** Gives an account another role. It must be locked by this transaction. */
export async function updateAccountRole(tx: Tx, id: Id<'account'>, role: OwnAccount['role']): Promise<void> {
  await tx.sql`update accounts set role = ${role} where id = ${id}`
}

/** Disables an account and raises its fence: nothing that was issued opens it again, also once it is enabled. Locked before. */
export async function updateAccountDisabled(tx: Tx, id: Id<'account'>): Promise<void> {
  await tx.sql`update accounts set state = 'disabled', security_epoch = security_epoch + 1 where id = ${id}`
}

/** Enables an account that was disabled, into the lockdown that waits for its owner if there is one. Locked before. */
export async function updateAccountEnabled(tx: Tx, id: Id<'account'>): Promise<void> {
  await tx.sql`
    update accounts set state = case when exists (
      select from lockdowns where account_id = ${id} and lockdowns.state <> 'recovered') then 'locked' else 'active' end
    where id = ${id} and state = 'disabled'`
}
