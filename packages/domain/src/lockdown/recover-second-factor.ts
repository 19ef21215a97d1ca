import type { Id } from '@portcullis/contracts/ids'
import {
  listLockdownItems,
  lockLockedAccount,
  type RecoveringLockdown,
  updateRecoveryStage,
} from '@portcullis/db/queries/lockdown-recovery'
import { findFactor, replaceBackupCodes, updateFactorConfirmed } from '@portcullis/db/queries/two-factor'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { codeRule } from '../throttle/rules.ts'
import { forgetAttempts, takeAttempt } from '../throttle/take.ts'
import { hashBackupCodes } from '../two-factor/backup-code-set.ts'
import { codeCounter } from '../two-factor/check.ts'
import { openSecret } from '../two-factor/secret.ts'
import { verifyTotp } from '../two-factor/totp.ts'
import { factorOf, findRecovery, recordRecovery, type RecoveryRefusal } from './recover-begin.ts'
import { prepareEnrolment, writeEnrolment } from './recover-enrolment.ts'
import type { NextStage, RecoveryDeps } from './recover-password.ts'

/** What came of the second step. */
export type RecoverySecondFactor =
  | NextStage
  | RecoveryRefusal
  | { readonly kind: 'code_refused' }
  /** This account may not go on without a second factor. */
  | { readonly kind: 'mandatory' }
  /** The enrolment took longer than 10 minutes: ask for a new secret. */
  | { readonly kind: 'not_begun' }

type Found = { readonly lockdown: RecoveringLockdown; readonly grantHash: Buffer }

/**
 * Enrols a second factor: with a code of the secret that was shown; without one a new secret is shown; `skip` goes on
 * without, where nothing demands a factor. New backup codes come with it.
 */
export async function recoverSecondFactor(
  deps: RecoveryDeps,
  id: Id<'lockdown'>,
  input: { readonly grant: string; readonly code?: string | undefined; readonly skip?: true | undefined },
  caller: Caller,
): Promise<RecoverySecondFactor> {
  const found = await findRecovery(deps.database, id, input.grant, caller)
  if (found.kind !== 'found') return found
  if (found.lockdown.recovery !== 'second_factor') return { kind: 'out_of_order' }
  if (input.skip) return skip(deps, found, caller)
  return input.code === undefined ? renew(deps, found) : confirm(deps, found, input.code, caller)
}

async function skip(deps: RecoveryDeps, { lockdown, grantHash }: Found, caller: Caller): Promise<RecoverySecondFactor> {
  if (factorOf(lockdown) !== 'optional') return { kind: 'mandatory' }
  const { id, accountId } = lockdown
  return inTransaction(deps.database, async (tx): Promise<RecoverySecondFactor> => {
    if (!(await lockLockedAccount(tx, accountId))) return { kind: 'token_invalid' }
    if (!(await updateRecoveryStage(tx, { id, grantHash, from: 'second_factor', to: 'review' }))) {
      return { kind: 'out_of_order' }
    }
    await recordRecovery(tx, lockdown, 'account_recovery_factor_skipped', caller, {})
    return { kind: 'review', backupCodes: [], items: await listLockdownItems(tx, id) }
  })
}

async function renew(deps: RecoveryDeps, { lockdown, grantHash }: Found): Promise<RecoverySecondFactor> {
  const enrolment = prepareEnrolment(deps, lockdown)
  const { id, accountId } = lockdown
  return inTransaction(deps.database, async (tx): Promise<RecoverySecondFactor> => {
    if (!(await lockLockedAccount(tx, accountId))) return { kind: 'token_invalid' }
    const stays = await updateRecoveryStage(tx, { id, grantHash, from: 'second_factor', to: 'second_factor' })
    if (!stays || !(await writeEnrolment(tx, lockdown, enrolment))) return { kind: 'out_of_order' }
    return { kind: 'second_factor', enrolment: enrolment.shown, factor: factorOf(lockdown) }
  })
}

async function confirm(
  deps: RecoveryDeps,
  { lockdown, grantHash }: Found,
  code: string,
  caller: Caller,
): Promise<RecoverySecondFactor> {
  const { id, accountId } = lockdown
  const admission = await takeAttempt(deps.database, [{ name: codeCounter(accountId), rule: codeRule }])
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const factor = await withStore(deps.database, (queries) => findFactor(queries, accountId))
  if (!factor || factor.confirmed) return { kind: 'not_begun' }
  const secret = openSecret(deps.sealer, accountId, factor.secretSealed)
  const verdict = verifyTotp({ secret, code, now: deps.clock.now(), lastStep: undefined })
  if (!verdict.ok) return { kind: 'code_refused' }
  const { codes, hashes } = await hashBackupCodes(deps.hasher)
  return inTransaction(deps.database, async (tx): Promise<RecoverySecondFactor> => {
    if (!(await lockLockedAccount(tx, accountId))) return { kind: 'token_invalid' }
    const pending = await findFactor(tx, accountId)
    // Another secret was shown meanwhile: this code is not of it.
    if (pending?.secretSealed !== factor.secretSealed || pending.confirmed) return { kind: 'not_begun' }
    if (!(await updateRecoveryStage(tx, { id, grantHash, from: 'second_factor', to: 'review' }))) {
      return { kind: 'out_of_order' }
    }
    if (!(await updateFactorConfirmed(tx, accountId, verdict.step))) throw new Error('a locked enrolment went away')
    await replaceBackupCodes(tx, accountId, hashes)
    await forgetAttempts(tx, [codeCounter(accountId)])
    await recordFacts(tx, [
      {
        action: 'authn_factor_created',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'totp_factor', id: accountId },
        requestId: caller.requestId,
        details: { by: 'recovery', lockdownId: id, txn: lockdown.txn, backupCodes: codes.length },
      },
    ])
    await notifyOwner(tx, { accountId, kind: 'two_factor_enabled', caller })
    return { kind: 'review', backupCodes: codes, items: await listLockdownItems(tx, id) }
  })
}
