import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import {
  findBackupCodeHash,
  findFactor,
  updateBackupCodeUsed,
  updateFactorStep,
} from '@portcullis/db/queries/two-factor'
import { type Tx, withStore } from '@portcullis/db/transaction'
import type { Clock } from '@portcullis/runtime/clock'
import type { Sealer } from '@portcullis/runtime/seal'
import type { PasswordHasher } from '../password/hash.ts'
import { codeRule } from '../throttle/rules.ts'
import type { TellQuota } from '../throttle/quota.ts'
import { takeAttempt } from '../throttle/take.ts'
import { readBackupCode } from './backup-code.ts'
import { openSecret } from './secret.ts'
import { verifyTotp } from './totp.ts'

/** What second factors are checked with. */
export interface SecondFactorDeps {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly sealer: Sealer
  /** The server's own time; a client's is never asked (ASVS 5 6.5.8). */
  readonly clock: Clock
}

/** What was found of a code. One that fits must still be used up, in the transaction of what it opens. */
export type CodeCheck =
  | {
      readonly kind: 'fits'
      readonly factor: 'totp' | 'backup_code'
      /** `true` for exactly one caller, however many have the same code. */
      readonly useUp: (tx: Tx) => Promise<boolean>
    }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** Name under which the codes of an account are counted. */
export function codeCounter(accountId: Id<'account'>): string {
  return `code|account|${accountId}`
}

/** Checks a code of an active factor, or a backup code. Counted before it is verified (NIST SP 800-63B-4 3.2.2). */
export async function checkSecondFactor(
  deps: SecondFactorDeps,
  accountId: Id<'account'>,
  text: string,
  tell?: TellQuota,
): Promise<CodeCheck> {
  const admission = await takeAttempt(deps.database, [{ name: codeCounter(accountId), rule: codeRule }])
  for (const quota of admission.quotas) tell?.(quota)
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const backup = readBackupCode(text)
  return backup ? checkBackupCode(deps, accountId, backup) : checkTotp(deps, accountId, text)
}

async function checkTotp(deps: SecondFactorDeps, accountId: Id<'account'>, code: string): Promise<CodeCheck> {
  const factor = await withStore(deps.database, (queries) => findFactor(queries, accountId))
  if (!factor?.confirmed) return { kind: 'refused' }
  const secret = openSecret(deps.sealer, accountId, factor.secretSealed)
  const verdict = verifyTotp({ secret, code, now: deps.clock.now(), lastStep: factor.lastStep })
  if (!verdict.ok) return { kind: 'refused' }
  return { kind: 'fits', factor: 'totp', useUp: (tx) => updateFactorStep(tx, accountId, verdict.step) }
}

async function checkBackupCode(
  deps: SecondFactorDeps,
  accountId: Id<'account'>,
  { index, code }: { readonly index: number; readonly code: string },
): Promise<CodeCheck> {
  const hash = await withStore(deps.database, (queries) => findBackupCodeHash(queries, accountId, index))
  const fits = hash === undefined ? await deps.hasher.verifyNothing(code) : await deps.hasher.verify(code, hash)
  if (!fits || hash === undefined) return { kind: 'refused' }
  return { kind: 'fits', factor: 'backup_code', useUp: (tx) => updateBackupCodeUsed(tx, accountId, index, hash) }
}
