import type { Id } from '@portcullis/contracts/ids'
import { findAccountById } from '@portcullis/db/queries/login'
import { type Tx, withStore } from '@portcullis/db/transaction'
import { passwordRule } from '../throttle/rules.ts'
import { takeAttempt } from '../throttle/take.ts'
import { checkSecondFactor, type SecondFactorDeps } from '../two-factor/check.ts'

/** What came of it. One that fits must still be used up, in the transaction of what it opens. */
export type OneFactor =
  | { readonly kind: 'fits'; readonly useUp: (tx: Tx) => Promise<boolean> }
  | { readonly kind: 'refused' | 'none' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/**
 * Checks one factor of an account: its password, or a code of its second factor. Enough to lock, never to open anything
 * (NIST SP 800-63B-4 4.3). Counted under `counter` before anything is verified.
 */
export async function checkOneFactor(
  deps: SecondFactorDeps,
  accountId: Id<'account'>,
  counter: string,
  input: { readonly password?: string | undefined; readonly code?: string | undefined },
): Promise<OneFactor> {
  if (input.password === undefined) {
    return input.code === undefined ? { kind: 'none' } : checkSecondFactor(deps, accountId, input.code)
  }
  const admission = await takeAttempt(deps.database, [{ name: counter, rule: passwordRule }])
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const account = await withStore(deps.database, (queries) => findAccountById(queries, accountId))
  const right = account?.passwordHash
    ? await deps.hasher.verify(input.password, account.passwordHash)
    : await deps.hasher.verifyNothing(input.password)
  return right ? { kind: 'fits', useUp: async () => true } : { kind: 'refused' }
}
