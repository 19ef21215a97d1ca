import type { Fault } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { updatePassword } from '@portcullis/db/queries/account'
import { findAccountById, lockUnchangedAccount } from '@portcullis/db/queries/login'
import { voidChallenges } from '@portcullis/db/queries/login-challenge'
import { voidResets } from '@portcullis/db/queries/password-reset'
import { type LivingSession, revokeSessions } from '@portcullis/db/queries/session'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { passwordRule } from '../throttle/rules.ts'
import { forgetAttempts, takeAttempt } from '../throttle/take.ts'
import type { PasswordHasher } from './hash.ts'
import type { PasswordVetter } from './vet.ts'

/** What came of it. */
export type PasswordChange =
  | { readonly kind: 'changed' }
  | { readonly kind: 'proof_refused' }
  | { readonly kind: 'password_refused'; readonly faults: readonly Fault[] }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** What `changePassword` works with. */
export interface PasswordChangeDeps {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
}

/**
 * Changes the password of the owner who is logged in and knows the current one (ASVS 5 6.2.2, 6.2.3). A wrong one counts as
 * a failed attempt of this session. Every other session and every mailed token ends, and the owner is told.
 * Keys live on: a changed password is no sign of a leak, and programs must not stop over it.
 */
export async function changePassword(
  deps: PasswordChangeDeps,
  session: LivingSession,
  input: { readonly currentPassword: string; readonly newPassword: string },
  caller: Caller,
): Promise<PasswordChange> {
  const counter = `proof|session|${session.id}`
  const admission = await takeAttempt(deps.database, [{ name: counter, rule: passwordRule }])
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const account = await withStore(deps.database, (queries) => findAccountById(queries, session.accountId))
  if (!account?.passwordHash || !(await deps.hasher.verify(input.currentPassword, account.passwordHash))) {
    return { kind: 'proof_refused' }
  }
  const secondFactor = await withStore(deps.database, (queries) => hasActiveFactor(queries, account.id))
  const owner = { email: account.email, name: account.name, secondFactor }
  const faults = await deps.vet(input.newPassword, owner, '/newPassword')
  if (faults.length > 0) return { kind: 'password_refused', faults }
  const passwordHash = await deps.hasher.hash(input.newPassword)
  return inTransaction(deps.database, async (tx): Promise<PasswordChange> => {
    if (!(await lockUnchangedAccount(tx, account))) return { kind: 'proof_refused' }
    await setPassword(tx, session, passwordHash, caller)
    await forgetAttempts(tx, [counter])
    return { kind: 'changed' }
  })
}

async function setPassword(tx: Tx, session: LivingSession, passwordHash: string, caller: Caller): Promise<void> {
  const { accountId } = session
  await updatePassword(tx, accountId, passwordHash)
  await voidChallenges(tx, accountId)
  const sessionsRevoked = await revokeSessions(tx, accountId, 'password_changed', session.id)
  const tokensVoided = await voidResets(tx, accountId)
  await recordFacts(tx, [
    {
      action: 'authn_password_change',
      accountId,
      actor: 'account',
      actorId: accountId,
      subject: { kind: 'account', id: accountId },
      requestId: caller.requestId,
      details: { by: 'owner', sessionsRevoked, tokensVoided },
    },
  ])
  await notifyOwner(tx, { accountId, kind: 'password_changed', caller })
}
