import type { Fault } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { updatePassword } from '@portcullis/db/queries/account'
import { listFormerPasswords } from '@portcullis/db/queries/former-password'
import {
  listLockdownItems,
  type LockdownItemRow,
  lockLockedAccount,
  type RecoveringLockdown,
  updateRecoveryStage,
  updateRecoveryTokenUsed,
} from '@portcullis/db/queries/lockdown-recovery'
import { hasActiveFactor, replaceBackupCodes } from '@portcullis/db/queries/two-factor'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { randomBytesOf } from '@portcullis/runtime/random'
import type { Caller } from '../caller.ts'
import { formerPasswordFault } from '../password/fault.ts'
import type { PasswordVetter } from '../password/vet.ts'
import { forgetFailures } from '../throttle/forget-failures.ts'
import { hashBackupCodes } from '../two-factor/backup-code-set.ts'
import { checkSecondFactor, type CodeCheck, type SecondFactorDeps } from '../two-factor/check.ts'
import { factorOf, findRecovery, recordRecovery, type RecoveryFactor, type RecoveryRefusal } from './recover-begin.ts'
import { type Enrolment, prepareEnrolment, writeEnrolment } from './recover-enrolment.ts'

/** What recoveries work with. */
export interface RecoveryDeps extends SecondFactorDeps {
  readonly vet: PasswordVetter
  /** Shown by authenticator apps. */
  readonly issuer: string
}

/** What the owner must do next. */
export type NextStage =
  | { readonly kind: 'second_factor'; readonly enrolment: Enrolment; readonly factor: RecoveryFactor }
  | { readonly kind: 'review'; readonly backupCodes: readonly string[]; readonly items: readonly LockdownItemRow[] }

/** What came of the new password. */
export type RecoveryPassword =
  | NextStage
  | RecoveryRefusal
  | { readonly kind: 'code_refused' }
  | { readonly kind: 'password_refused'; readonly faults: readonly Fault[] }

/**
 * Sets the new password: none that the account had, and with a code where the second factor was kept, as a mailbox alone
 * does not open such an account (ASVS 5 6.4.3). The mailed token is used up by it. The account stays locked.
 */
export async function recoverPassword(
  deps: RecoveryDeps,
  id: Id<'lockdown'>,
  input: { readonly grant: string; readonly password: string; readonly code?: string | undefined },
  caller: Caller,
): Promise<RecoveryPassword> {
  const found = await findRecovery(deps.database, id, input.grant, caller)
  if (found.kind !== 'found') return found
  const { lockdown, grantHash } = found
  if (lockdown.recovery !== 'begun') return { kind: 'out_of_order' }
  const faults = await vetPassword(deps, lockdown, input.password)
  if (faults.length > 0) return { kind: 'password_refused', faults }
  const code = lockdown.factor ? await checkSecondFactor(deps, lockdown.accountId, input.code ?? '') : undefined
  if (code?.kind === 'wait') return code
  if (code?.kind === 'refused') return { kind: 'code_refused' }
  const prepared = {
    passwordHash: await deps.hasher.hash(input.password),
    backupCodes: lockdown.factor ? await hashBackupCodes(deps.hasher) : undefined,
    enrolment: lockdown.factor ? undefined : prepareEnrolment(deps, lockdown),
  }
  return inTransaction(deps.database, async (tx): Promise<RecoveryPassword> => {
    if (!(await lockLockedAccount(tx, lockdown.accountId))) return { kind: 'token_invalid' }
    // What was found before the lock must still be so: else a factor that came meanwhile would be passed by.
    if ((await hasActiveFactor(tx, lockdown.accountId)) !== lockdown.factor) return { kind: 'out_of_order' }
    const to = prepared.enrolment ? 'second_factor' : 'review'
    if (!(await updateRecoveryStage(tx, { id, grantHash, from: 'begun', to }))) return { kind: 'out_of_order' }
    if (code && !(await code.useUp(tx))) throw new CodeUsed()
    await writePassword(tx, lockdown, prepared.passwordHash, code, caller)
    if (prepared.enrolment) {
      await writeEnrolment(tx, lockdown, prepared.enrolment)
      return { kind: 'second_factor', enrolment: prepared.enrolment.shown, factor: factorOf(lockdown) }
    }
    if (prepared.backupCodes) await replaceBackupCodes(tx, lockdown.accountId, prepared.backupCodes.hashes)
    const items = await listLockdownItems(tx, id)
    return { kind: 'review', backupCodes: prepared.backupCodes?.codes ?? [], items }
  }).catch((error: unknown) => {
    if (error instanceof CodeUsed) return { kind: 'code_refused' }
    throw error
  })
}

/** Another request had the same code: takes the stage back. */
class CodeUsed extends Error {}

/**
 * The policy, and none that the intruder may know: not the one at the lockdown, nor those before it. An intruder who changed the
 * password knows the one that its owner remembers.
 */
async function vetPassword(
  deps: RecoveryDeps,
  lockdown: RecoveringLockdown,
  password: string,
): Promise<readonly Fault[]> {
  const { accountId, email, name, factor } = lockdown
  const faults = await deps.vet(password, { email, name, secondFactor: factor })
  if (faults.length > 0) return faults
  const former = await withStore(deps.database, (queries) => listFormerPasswords(queries, accountId))
  // One after another: several at once would push everybody else's login aside.
  for (const hash of former) {
    if (await deps.hasher.verify(password, hash)) return [{ pointer: '/password', ...formerPasswordFault }]
  }
  return []
}

async function writePassword(
  tx: Tx,
  lockdown: RecoveringLockdown,
  passwordHash: string,
  code: Extract<CodeCheck, { kind: 'fits' }> | undefined,
  caller: Caller,
): Promise<void> {
  await updatePassword(tx, lockdown.accountId, passwordHash)
  await updateRecoveryTokenUsed(tx, lockdown.id, randomBytesOf(16))
  await forgetFailures(tx, lockdown, code !== undefined)
  await recordRecovery(tx, lockdown, 'authn_password_change', caller, {
    by: 'recovery',
    ...(code && { factor: code.factor }),
  })
}
