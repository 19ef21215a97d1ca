import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { lockAccount } from '@portcullis/db/queries/account'
import { findAccountEmailKey } from '@portcullis/db/queries/account-address'
import { revokeSessions } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { requireNotAboveNow } from '../admin/staff.ts'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { requestPasswordResets } from '../reset/request.ts'

/** Who acts on somebody else's account. */
export interface OnBehalf {
  readonly actor: 'api_client' | 'support' | 'admin'
  readonly actorId: string
  /** Why, in their own words: staff must say. */
  readonly reason: string | null
  readonly caller: Caller
}

/** Mails the owner of an account a reset link, as if they had asked; `false` where there is no such account. */
export async function startResetOnBehalf(tx: Tx, by: OnBehalf, accountId: Id<'account'>): Promise<boolean> {
  if (!(await lockAccount(tx, accountId))) return false
  await requireNotAboveNow(tx, by.actor, accountId)
  const emailKey = await findAccountEmailKey(tx, accountId)
  if (emailKey === undefined) return false
  await recordOnBehalf(tx, by, accountId, 'password_reset_started', {})
  await requestPasswordResets(tx, [{ emailKey, caller: unseen(by.caller) }])
  tx.wakeAfterCommit()
  return true
}

/** Ends every session of an account; returns how many, or `undefined` where there is no such account. The owner is told. */
export async function endSessionsOnBehalf(tx: Tx, by: OnBehalf, accountId: Id<'account'>): Promise<number | undefined> {
  if (!(await lockAccount(tx, accountId))) return undefined
  await requireNotAboveNow(tx, by.actor, accountId)
  const because = by.actor === 'api_client' ? 'client' : 'staff'
  const revoked = await revokeSessions(tx, accountId, because)
  await recordOnBehalf(tx, by, accountId, 'sessions_revoked', { revoked, because })
  if (revoked > 0)
    await notifyOwner(tx, { accountId, kind: 'sessions_revoked', caller: unseen(by.caller), details: { revoked } })
  return revoked
}

async function recordOnBehalf(
  tx: Tx,
  { actor, actorId, reason, caller }: OnBehalf,
  accountId: Id<'account'>,
  action: AuditAction,
  details: Record<string, unknown>,
): Promise<void> {
  await recordFacts(tx, [
    {
      action,
      accountId,
      actor,
      actorId,
      subject: { kind: 'account', id: accountId },
      requestId: caller.requestId,
      details: { ...details, ...(reason !== null && { reason }) },
    },
  ])
}

/** The network and the program of staff or of a back end are no news to the owner. */
function unseen(caller: Caller): Caller {
  return { ...caller, ip: null, userAgent: null }
}
