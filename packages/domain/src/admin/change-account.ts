import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Role } from '@portcullis/contracts/permission'
import {
  type AdministeredAccount,
  lockStaffAndTarget,
  updateAccountDisabled,
  updateAccountEnabled,
  updateAccountRole,
} from '@portcullis/db/queries/account-administration'
import { voidResets } from '@portcullis/db/queries/password-reset'
import { revokeSessions } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { notifyOwner } from '../notice/notify.ts'
import { type AskingStaff, requireNotAbove, requirePermitted, staffFact, unseenCaller } from './staff.ts'

/** What staff want to be otherwise; what is absent stays. */
export interface AccountChange {
  readonly role?: Role | undefined
  readonly state?: 'active' | 'disabled' | undefined
  /** Why, in their own words. */
  readonly reason: string
}

/** What is known once both accounts are locked. */
interface Change {
  readonly by: AskingStaff
  readonly actorRole: 'support' | 'admin'
  readonly accountId: Id<'account'>
  readonly target: AdministeredAccount
  readonly reason: string
}

/**
 * Changes role or state of somebody else's account; what is so already is left alone. `false`: there is no such account. As
 * nobody touches their own, and whoever acts is found to be an admin under the lock, an admin is always left. Both changes are
 * made, or neither. Throws `Failure`: `own_account`, `credential_required`, `not_allowed`, `two_factor_not_begun` for a role
 * that needs a second factor, `account_is_locked` for one that only its owner can open. Source: OWASP ASVS 5 7.4.2, 6.3.3.
 */
export async function changeAccountAsStaff(
  tx: Tx,
  by: AskingStaff,
  accountId: Id<'account'>,
  { role, state, reason }: AccountChange,
): Promise<boolean> {
  if (accountId === by.session.accountId) throw new Failure('own_account')
  const { actorRole, target } = await lockStaffAndTarget(tx, by.session, accountId)
  if (actorRole === undefined) throw new Failure('credential_required')
  requirePermitted(actorRole, 'accounts.disable')
  if (role !== undefined) requirePermitted(actorRole, 'accounts.role')
  if (!target) return false
  requireNotAbove(actorRole, target.role)
  const change: Change = { by, actorRole, accountId, target, reason }
  if (role !== undefined && role !== target.role) await changeRole(tx, change, role)
  if (state !== undefined && state !== target.state) await changeState(tx, change, state)
  return true
}

async function changeRole(tx: Tx, change: Change, role: Role): Promise<void> {
  const { accountId, target } = change
  if (role !== 'member' && !target.twoFactor) throw new Failure('two_factor_not_begun')
  await updateAccountRole(tx, accountId, role)
  await record(tx, change, 'account_role_changed', { from: target.role, to: role })
  await tell(tx, change, 'role_changed', { role })
}

async function changeState(tx: Tx, change: Change, state: 'active' | 'disabled'): Promise<void> {
  const { accountId, target } = change
  if (state === 'disabled') {
    await updateAccountDisabled(tx, accountId)
    const revoked = await revokeSessions(tx, accountId, 'staff')
    // A reset link has no epoch: it would open the account again once it is enabled.
    const tokensVoided = await voidResets(tx, accountId)
    await record(tx, change, 'account_disabled', { from: target.state, sessions: revoked, tokensVoided })
    await tell(tx, change, 'account_disabled', {})
    return
  }
  if (target.state === 'locked') throw new Failure('account_is_locked')
  await updateAccountEnabled(tx, accountId)
  // Two facts: who hears that an account is enabled lets its owner in again.
  const action = target.isUnderLockdown ? 'account_enabled_locked' : 'account_enabled'
  await record(tx, change, action, { to: target.isUnderLockdown ? 'locked' : 'active' })
}

async function record(tx: Tx, change: Change, action: AuditAction, details: Record<string, unknown>): Promise<void> {
  const { by, actorRole, accountId, reason } = change
  const subject = { kind: 'account', id: accountId }
  await recordFacts(tx, [staffFact(by, actorRole, { action, accountId, subject, details: { ...details, reason } })])
}

async function tell(
  tx: Tx,
  { by, accountId }: Change,
  kind: 'role_changed' | 'account_disabled',
  details: Record<string, unknown>,
): Promise<void> {
  await notifyOwner(tx, { accountId, kind, caller: unseenCaller(by.caller), details })
  tx.wakeAfterCommit()
}
