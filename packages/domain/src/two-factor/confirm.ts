import { Failure } from '@portcullis/contracts/errors'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import {
  findFactor,
  replaceBackupCodes,
  updateFactorConfirmed,
  updateSessionSecondFactor,
} from '@portcullis/db/queries/two-factor'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { freshQuota, type TellQuota } from '../throttle/quota.ts'
import { codeRule } from '../throttle/rules.ts'
import { forgetAttempts, takeAttempt } from '../throttle/take.ts'
import { hashBackupCodes } from './backup-code-set.ts'
import { codeCounter, type SecondFactorDeps } from './check.ts'
import { openSecret } from './secret.ts'
import { verifyTotp } from './totp.ts'

/** What came of a confirmation. */
export type Confirmation =
  | { readonly kind: 'active'; readonly backupCodes: readonly string[] }
  | { readonly kind: 'refused' }
  /** No enrolment is under way, or it took longer than 10 minutes. */
  | { readonly kind: 'not_begun' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/**
 * Makes the factor active with a first valid code, whose step is used up by it, and gives the ten backup codes: shown
 * once, stored only by a password hash (NIST SP 800-63B-4 3.1.2.1; ASVS 5 6.5.2). The owner is told.
 */
export async function confirmTwoFactor(
  deps: SecondFactorDeps,
  session: LivingSession,
  code: string,
  caller: Caller,
  tell?: TellQuota,
): Promise<Confirmation> {
  const { accountId } = session
  const admission = await takeAttempt(deps.database, [{ name: codeCounter(accountId), rule: codeRule }])
  for (const quota of admission.quotas) tell?.(quota)
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const factor = await withStore(deps.database, (queries) => findFactor(queries, accountId))
  if (!factor || factor.confirmed) return { kind: 'not_begun' }
  const secret = openSecret(deps.sealer, accountId, factor.secretSealed)
  const verdict = verifyTotp({ secret, code, now: deps.clock.now(), lastStep: undefined })
  if (!verdict.ok) return { kind: 'refused' }
  const { codes, hashes } = await hashBackupCodes(deps.hasher)
  return inTransaction(deps.database, async (tx): Promise<Confirmation> => {
    // A lockdown, a reset or a revocation since the session was checked wins.
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    if (!(await updateFactorConfirmed(tx, accountId, verdict.step))) return { kind: 'not_begun' }
    await replaceBackupCodes(tx, accountId, hashes)
    await updateSessionSecondFactor(tx, session.id)
    await forgetAttempts(tx, [codeCounter(accountId)])
    tell?.(freshQuota(codeRule))
    await recordFacts(tx, [
      {
        action: 'authn_factor_created',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'totp_factor', id: accountId },
        requestId: caller.requestId,
        details: { backupCodes: codes.length },
      },
    ])
    await notifyOwner(tx, { accountId, kind: 'two_factor_enabled', caller })
    return { kind: 'active', backupCodes: codes }
  })
}
