import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { isPermitted, type Permission, type Role } from '@portcullis/contracts/permission'
import { findRole } from '@portcullis/db/queries/account-administration'
import type { Actor } from '@portcullis/db/queries/audit-event'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import type { Fact } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** One of the staff who asks, and how. */
export interface AskingStaff {
  readonly session: Pick<LivingSession, 'id' | 'accountId' | 'role'>
  readonly caller: Caller
}

/** The network and the program of staff are no news to the owner. */
export function unseenCaller(caller: Caller): Caller {
  return { ...caller, ip: null, userAgent: null }
}

/** Refuses whoever is of no role that has the permission. */
export function requirePermitted(role: Role, permission: Permission): asserts role is 'support' | 'admin' {
  if (role === 'member' || !isPermitted(role, permission)) throw new Failure('not_allowed')
}

/** Refuses support that would touch an admin: nobody rises by what their role lets them do to others. */
export function requireNotAbove(actor: Role, target: Role): void {
  if (actor !== 'admin' && target === 'admin') throw new Failure('not_allowed')
}

/**
 * Refuses support that would act on an admin's account; API clients have no role. The account is locked by this transaction, so
 * that nobody becomes an admin meanwhile.
 */
export async function requireNotAboveNow(tx: Tx, actor: Actor, targetId: Id<'account'>): Promise<void> {
  if (actor === 'support') requireNotAbove(actor, (await findRole(tx, targetId)) ?? 'member')
}

/** A fact that one of the staff has brought about. `role`: as it was found under the lock, where there was one. */
export function staffFact(
  { session, caller }: AskingStaff,
  role: 'support' | 'admin',
  fact: {
    readonly action: AuditAction
    readonly accountId: Id<'account'> | null
    readonly subject: Fact['subject']
    readonly details: Record<string, unknown>
  },
): Fact {
  return {
    ...fact,
    actor: role,
    actorId: session.accountId,
    requestId: caller.requestId,
    details: { ...fact.details, by: session.id },
  }
}
