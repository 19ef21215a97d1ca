import type { Fault } from '@portcullis/contracts/errors'
import { updatePassword } from '@portcullis/db/queries/account'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import { voidPendingChange } from '@portcullis/db/queries/email-change'
import { voidChallenges } from '@portcullis/db/queries/login-challenge'
import { findUsableReset, updateResetUsed, type UsableReset, voidResets } from '@portcullis/db/queries/password-reset'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { changeFact } from '../email/change-fact.ts'
import { notifyOwner } from '../notice/notify.ts'
import type { PasswordVetter } from '../password/vet.ts'
import { endSessions } from '../session/end.ts'
import { forgetFailures } from '../throttle/forget-failures.ts'
import { tellBackupCodeUsed } from '../two-factor/tell-backup-code.ts'
import { checkSecondFactor, type SecondFactorDeps } from '../two-factor/check.ts'
import { hashMailedToken } from '../token/mailed-token.ts'

/** What came of it. A wrong, used, expired, older or cut token are all the same to the caller. */
export type ResetCompletion =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'token_invalid' | 'code_refused' }
  | { readonly ok: false; readonly why: 'rate_limited'; readonly waitSeconds: number }
  | { readonly ok: false; readonly why: 'password_refused'; readonly faults: readonly Fault[] }

/** What `completePasswordReset` works with. */
export interface ResetCompletionDeps extends SecondFactorDeps {
  readonly vet: PasswordVetter
}

/**
 * Sets a new password with a mailed token. Never logs in. The token is used up in the transaction that sets the
 * password; every session, every other token and a change of address that is not confirmed end, and the owner is told
 * (OWASP Forgot Password; ASVS 5 7.4.3). A refused password leaves the token as it was.
 */
export async function completePasswordReset(
  deps: ResetCompletionDeps,
  input: { readonly token: string; readonly password: string; readonly code?: string | undefined },
  caller: Caller,
): Promise<ResetCompletion> {
  const tokenHash = hashMailedToken(input.token)
  const reset = await withStore(deps.database, (queries) => findUsableReset(queries, tokenHash))
  if (!reset) return { ok: false, why: 'token_invalid' }
  const secondFactor = await withStore(deps.database, (queries) => hasActiveFactor(queries, reset.accountId))
  const faults = await deps.vet(input.password, { email: reset.email, name: reset.name, secondFactor })
  if (faults.length > 0) return { ok: false, why: 'password_refused', faults }
  // A mailbox alone does not open an account with a second factor (ASVS 5 6.4.3, NIST SP 800-63B-4 4.2.2.2).
  const code = secondFactor ? await checkSecondFactor(deps, reset.accountId, input.code ?? '') : undefined
  if (code?.kind === 'wait') return { ok: false, why: 'rate_limited', waitSeconds: code.waitSeconds }
  if (code?.kind === 'refused') return { ok: false, why: 'code_refused' }
  const passwordHash = await deps.hasher.hash(input.password)
  return inTransaction(deps.database, async (tx): Promise<ResetCompletion> => {
    // The account first, as everywhere: whoever changes its credentials waits here, and nobody waits in a circle.
    // A lockdown since the token was found wins.
    if ((await lockAccountState(tx, reset.accountId)) !== 'active') return { ok: false, why: 'token_invalid' }
    if (code && !(await code.useUp(tx))) return { ok: false, why: 'code_refused' }
    const set = await setPassword(tx, reset, passwordHash, caller)
    if (set) await forgetFailures(tx, reset, code !== undefined)
    if (set && code?.factor === 'backup_code') await tellBackupCodeUsed(tx, reset.accountId, caller)
    return set ? { ok: true } : { ok: false, why: 'token_invalid' }
  })
}

async function setPassword(tx: Tx, reset: UsableReset, passwordHash: string, caller: Caller): Promise<boolean> {
  const { accountId } = reset
  if (!(await updateResetUsed(tx, reset.id))) return false
  await updatePassword(tx, accountId, passwordHash)
  await voidChallenges(tx, accountId)
  const by = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  const because = 'password_reset'
  const ended = await endSessions(tx, { accountId, because, by })
  const tokensVoided = await voidResets(tx, accountId)
  const changeId = await voidPendingChange(tx, accountId)
  await recordFacts(tx, [
    {
      ...by,
      action: 'authn_password_change',
      accountId,
      subject: { kind: 'account', id: accountId },
      details: { by: because, passwordResetId: reset.id, sessionsRevoked: ended.revoked, tokensVoided },
    },
    ...ended.facts,
    ...(changeId ? [changeFact('email_change_void', { id: changeId, accountId }, by, { because })] : []),
  ])
  await notifyOwner(tx, { accountId, kind: 'password_changed', caller })
  return true
}
