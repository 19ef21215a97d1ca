import { Failure } from '@portcullis/contracts/errors'
import { findRole } from '@portcullis/db/queries/account-administration'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { deleteFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { freshQuota, type TellQuota } from '../throttle/quota.ts'
import { codeRule } from '../throttle/rules.ts'
import { forgetAttempts } from '../throttle/take.ts'
import { checkSecondFactor, codeCounter, type SecondFactorDeps } from './check.ts'

/** What came of it. */
export type Disabling =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'refused' }
  /** Admins and support keep it. */
  | { readonly kind: 'mandatory' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** Takes the second factor away, with a current code (OWASP Transaction Authorization 1.2). The owner is told. */
export async function disableTwoFactor(
  deps: SecondFactorDeps,
  session: LivingSession,
  code: string,
  caller: Caller,
  tell?: TellQuota,
): Promise<Disabling> {
  const { accountId } = session
  if (session.role !== 'member') return { kind: 'mandatory' }
  const check = await checkSecondFactor(deps, accountId, code, tell)
  if (check.kind !== 'fits') return check
  return inTransaction(deps.database, async (tx): Promise<Disabling> => {
    // A lockdown, a reset or a revocation since the session was checked wins.
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    if ((await findRole(tx, accountId)) !== 'member') return { kind: 'mandatory' }
    if (!(await check.useUp(tx)) || !(await deleteFactor(tx, accountId))) return { kind: 'refused' }
    await forgetAttempts(tx, [codeCounter(accountId)])
    tell?.(freshQuota(codeRule))
    await recordFacts(tx, [
      {
        action: 'authn_factor_deleted',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'totp_factor', id: accountId },
        requestId: caller.requestId,
        details: { by: check.factor },
      },
    ])
    await notifyOwner(tx, { accountId, kind: 'two_factor_disabled', caller })
    return { kind: 'disabled' }
  })
}
