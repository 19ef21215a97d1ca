import type { Fault } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { updatePassword } from '@portcullis/db/queries/account'
import { findAccountById, lockUnchangedAccount } from '@portcullis/db/queries/login'
import { voidPendingChange } from '@portcullis/db/queries/email-change'
import { voidChallenges } from '@portcullis/db/queries/login-challenge'
import { voidResets } from '@portcullis/db/queries/password-reset'
import type { LivingSession } from '@portcullis/db/queries/session'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { changeFact } from '../email/change-fact.ts'
import { notifyOwner } from '../notice/notify.ts'
import { endSessions } from '../session/end.ts'
import { freshQuota, type TellQuota } from '../throttle/quota.ts'
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
 * a failed attempt of this session. Every other session, every mailed token and a
 * change of address that is not confirmed end, and the owner is told.
 * Keys live on: a changed password is no sign of a leak, and programs must not stop over it.
 */
export async function changePassword(
  deps: PasswordChangeDeps,
  session: LivingSession,
  input: { readonly currentPassword: string; readonly newPassword: string },
  caller: Caller,
  tell?: TellQuota,
): Promise<PasswordChange> {
  const counter = `proof|session|${session.id}`
  const admission = await takeAttempt(deps.database, [{ name: counter, rule: passwordRule }])
  for (const quota of admission.quotas) tell?.(quota)
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
    tell?.(freshQuota(passwordRule))
    return { kind: 'changed' }
  })
}

async function setPassword(tx: Tx, session: LivingSession, passwordHash: string, caller: Caller): Promise<void> {
  const { accountId } = session
  await updatePassword(tx, accountId, passwordHash)
  await voidChallenges(tx, accountId)
  const by = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  const because = 'password_changed'
  const ended = await endSessions(tx, { accountId, kept: session.id, because, by })
  const tokensVoided = await voidResets(tx, accountId)
  const changeId = await voidPendingChange(tx, accountId)
  await recordFacts(tx, [
    {
      ...by,
      action: 'authn_password_change',
      accountId,
      subject: { kind: 'account', id: accountId },
      details: { by: 'owner', sessionsRevoked: ended.revoked, tokensVoided },
    },
    ...ended.facts,
    ...(changeId ? [changeFact('email_change_void', { id: changeId, accountId }, by, { because })] : []),
  ])
  await notifyOwner(tx, { accountId, kind: 'password_changed', caller })
}
