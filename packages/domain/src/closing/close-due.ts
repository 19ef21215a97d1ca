import type { AuditAction } from '@portcullis/contracts/audit-action'
import { type DueClosing, lockClosing, updateClosingClosed } from '@portcullis/db/queries/account-closing'
import { findRole, updateAccountDisabled } from '@portcullis/db/queries/account-administration'
import { isCoolingDown, voidPendingChange } from '@portcullis/db/queries/email-change'
import { revokeEveryKey, revokeEverySession } from '@portcullis/db/queries/erasure'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import { voidChallenges } from '@portcullis/db/queries/login-challenge'
import { voidResets } from '@portcullis/db/queries/password-reset'
import type { Tx } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '../audit/record.ts'
import { notifyOwner } from '../notice/notify.ts'
import { closingFact } from './fact.ts'
import { type HoldReason, holdClosing } from './hold.ts'

const because = 'account_closed'

/** What came of a closing that is due. `later`: its address can still be taken back. `over`: somebody was first. */
export type ClosedDue = 'closed' | 'held' | 'later' | 'over'

/**
 * Closes an account whose grace period is over, in the caller's transaction: from the commit on nothing opens it, every credential
 * is revoked, every key withdrawn from rented servers, and the last mail is owed. Its data is erased after that, see
 * `eraseClosed`. An account that is locked or disabled, or of the staff by now, is not closed: its closing is held.
 */
export async function closeDue(tx: Tx, closing: DueClosing, traceparent: string): Promise<ClosedDue> {
  const { id, accountId } = closing
  const state = await lockAccountState(tx, accountId)
  if (!(await lockClosing(tx, id, 'pending')) || state === undefined) return 'over'
  const hold = await holdReason(tx, closing, state)
  if (hold !== undefined) {
    await holdClosing(tx, accountId, hold)
    return 'held'
  }
  if (await isCoolingDown(tx, accountId)) return 'later'
  await updateAccountDisabled(tx, accountId)
  const sessions = await revokeEverySession(tx, closing, because)
  const keys = await revokeEveryKey(tx, accountId, because)
  await voidResets(tx, accountId)
  await voidChallenges(tx, accountId)
  await voidPendingChange(tx, accountId)
  const fact = (action: AuditAction, kind: string, subject: string, details: Record<string, unknown>): Fact => ({
    action,
    accountId,
    actor: 'system',
    subject: { kind, id: subject },
    details: { because, ...details },
  })
  const counts = { sessions, apiKeys: keys.apiKeys.length, sshKeys: keys.sshKeys.length, withdrawn: keys.withdrawn }
  await recordFacts(tx, [
    closingFact('account_closed', closing, { actor: 'system' }, counts),
    ...(sessions > 0 ? [fact('sessions_revoked', 'account', accountId, { revoked: sessions })] : []),
    ...keys.apiKeys.map((key) => fact('api_key_revoked', 'api_key', key, {})),
    ...keys.sshKeys.map((key) => fact('ssh_key_revoked', 'ssh_key', key, {})),
  ])
  await updateClosingClosed(tx, id)
  // The address is there for this one mail still.
  await notifyOwner(tx, { accountId, kind: 'account_closed', caller: { ip: null, userAgent: null, traceparent } })
  tx.wakeAfterCommit()
  return 'closed'
}

async function holdReason(
  tx: Tx,
  { accountId }: DueClosing,
  state: 'active' | 'locked' | 'disabled',
): Promise<HoldReason | undefined> {
  if (state !== 'active') return state
  return (await findRole(tx, accountId)) === 'member' ? undefined : 'role'
}
