import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { findAccountById, lockUnchangedAccount } from '@portcullis/db/queries/login'
import { type LivingSession, updateSessionProved } from '@portcullis/db/queries/session'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { newSessionToken } from '../api-key/credential-token.ts'
import type { Caller } from '../caller.ts'
import { freshQuota, type TellQuota } from '../throttle/quota.ts'
import { passwordRule } from '../throttle/rules.ts'
import { forgetAttempts, takeAttempt } from '../throttle/take.ts'
import { tellBackupCodeUsed } from '../two-factor/tell-backup-code.ts'
import { checkSecondFactor, codeCounter, type CodeCheck, type SecondFactorDeps } from '../two-factor/check.ts'

/** What came of a proof. */
export type ProofResult =
  | { readonly kind: 'proved'; readonly token: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/**
 * Proves that the owner is there, and gives the session a new token: the old one opens nothing from then on
 * (ASVS 5 7.2.4, 7.5.1). Counted per session before anything is verified, apart from the counter of logins: whoever
 * holds a session guesses on its own account, and nobody outside can use up its attempts. Of many at once one is good;
 * throws `Failure('credential_required')` where the session was ended or proved meanwhile.
 */
export async function proveSession(
  deps: SecondFactorDeps,
  session: LivingSession,
  input: { readonly password: string; readonly code?: string | undefined },
  caller: Caller,
  tell?: TellQuota,
): Promise<ProofResult> {
  const counter = `proof|session|${session.id}`
  const admission = await takeAttempt(deps.database, [{ name: counter, rule: passwordRule }])
  for (const quota of admission.quotas) tell?.(quota)
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const account = await withStore(deps.database, (queries) => findAccountById(queries, session.accountId))
  const right = account?.passwordHash
    ? await deps.hasher.verify(input.password, account.passwordHash)
    : await deps.hasher.verifyNothing(input.password)
  const check = right ? await checkCode(deps, session.accountId, input.code) : undefined
  if (check?.kind === 'wait') return check
  const { token, hash } = newSessionToken()
  return inTransaction(deps.database, async (tx) => {
    const proved =
      check?.kind === 'fits' &&
      account !== undefined &&
      (await lockUnchangedAccount(tx, account)) &&
      (await check.useUp(tx))
    // Ended, or proved by another request: the token that asks opens nothing any more.
    if (proved && !(await updateSessionProved(tx, session, hash))) throw new Failure('credential_required')
    if (proved) {
      await forgetAttempts(tx, [counter, codeCounter(session.accountId)])
      if (check.factor === 'backup_code') await tellBackupCodeUsed(tx, session.accountId, caller)
      tell?.(freshQuota(passwordRule))
    }
    await recordFacts(tx, [
      {
        action: proved ? 'session_renewed' : 'authn_reauthentication_fail',
        accountId: session.accountId,
        actor: 'account',
        actorId: session.accountId,
        subject: { kind: 'session', id: session.id },
        requestId: caller.requestId,
      },
    ])
    return proved ? { kind: 'proved', token } : { kind: 'refused' }
  })
}

/** Where a second factor is enrolled, a proof takes it too (ASVS 5 7.5.1: full re-authentication). */
async function checkCode(
  deps: SecondFactorDeps,
  accountId: Id<'account'>,
  code: string | undefined,
): Promise<CodeCheck> {
  const enrolled = await withStore(deps.database, (queries) => hasActiveFactor(queries, accountId))
  if (!enrolled) return { kind: 'fits', factor: 'totp', useUp: async () => true }
  return code === undefined ? { kind: 'refused' } : checkSecondFactor(deps, accountId, code)
}
