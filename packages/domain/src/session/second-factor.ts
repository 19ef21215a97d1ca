import { lockAccount } from '@portcullis/db/queries/account'
import { findAccountById, insertLoginEvent, lockUnchangedAccount } from '@portcullis/db/queries/login'
import { findOpenChallenge, type OpenLoginChallenge, updateChallengeUsed } from '@portcullis/db/queries/login-challenge'
import type { SessionLimits } from '@portcullis/db/queries/session'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { describeDevice } from '@portcullis/runtime/device'
import { sha256 } from '@portcullis/runtime/digest'
import { newUuid } from '@portcullis/runtime/id'
import { coarseIp, type Places } from '@portcullis/runtime/place'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { freshQuota, type TellQuota } from '../throttle/quota.ts'
import { codeRule } from '../throttle/rules.ts'
import { forgetAttempts } from '../throttle/take.ts'
import { tellBackupCodeUsed } from '../two-factor/tell-backup-code.ts'
import { checkSecondFactor, codeCounter, type SecondFactorDeps } from '../two-factor/check.ts'
import { issueSession, type IssuedSession } from './issue.ts'
import { tellWrongCodes } from './tell-wrong-codes.ts'

/** What came of the second step. */
export type SecondStep =
  | { readonly kind: 'session'; readonly issued: IssuedSession; readonly cookie: boolean }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** What the second step works with. */
export interface SecondStepDeps extends SecondFactorDeps {
  readonly places: Places
  readonly limits: SessionLimits
}

/** Finishes a login with a code. The challenge and the code are used up in the transaction that makes the session. */
export async function finishLogin(
  deps: SecondStepDeps,
  input: { readonly challenge: string; readonly code: string; readonly deviceToken: string | undefined },
  caller: Caller,
  tell?: TellQuota,
): Promise<SecondStep> {
  const challenge = await withStore(deps.database, (queries) => findOpenChallenge(queries, sha256(input.challenge)))
  if (!challenge) return { kind: 'refused' }
  const { accountId } = challenge
  const check = await checkSecondFactor(deps, accountId, input.code, tell)
  if (check.kind === 'wait') return check
  const account = await withStore(deps.database, (queries) => findAccountById(queries, accountId))
  if (check.kind === 'refused' || !account) return refuse(deps, challenge, caller)
  return inTransaction(deps.database, async (tx): Promise<SecondStep> => {
    const open =
      account.securityEpoch === challenge.epoch &&
      (await lockUnchangedAccount(tx, account)) &&
      (await updateChallengeUsed(tx, challenge.id)) &&
      (await check.useUp(tx))
    if (!open) return { kind: 'refused' }
    await forgetAttempts(tx, [codeCounter(accountId)])
    tell?.(freshQuota(codeRule))
    const factors = `password+${check.factor}`
    const browser = challenge.cookie ? { deviceToken: input.deviceToken } : undefined
    const subject = { accountId, deviceName: challenge.deviceName, browser, factors, secondFactor: true }
    const issued = await issueSession(tx, subject, caller, deps.places, deps.limits)
    if (check.factor === 'backup_code') await tellBackupCodeUsed(tx, accountId, caller)
    return { kind: 'session', issued, cookie: challenge.cookie }
  })
}

/** The password was right and the code was not: the owner must be able to see it (ASVS 5 6.3.5). */
async function refuse(deps: SecondStepDeps, challenge: OpenLoginChallenge, caller: Caller): Promise<SecondStep> {
  const { accountId } = challenge
  await inTransaction(deps.database, async (tx) => {
    // One after another, so that of several at once the third is the third.
    await lockAccount(tx, accountId)
    await insertLoginEvent(tx, {
      id: newUuid(),
      accountId,
      outcome: 'wrong_code',
      factors: 'password',
      sessionId: null,
      network: caller.ip === null ? null : coarseIp(caller.ip),
      country: deps.places.of(caller.ip ?? undefined).country ?? null,
      device: describeDevice(caller.userAgent ?? undefined),
    })
    await recordFacts(tx, [
      {
        action: 'authn_login_fail',
        accountId,
        actor: 'anonymous',
        subject: { kind: 'login_challenge', id: challenge.id },
        requestId: caller.requestId,
        details: { outcome: 'wrong_code' },
      },
    ])
    await tellWrongCodes(tx, accountId, caller)
  })
  return { kind: 'refused' }
}
