import type { Fault } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { lockAccount, updatePassword } from '@portcullis/db/queries/account'
import { findUsableReset, updateResetUsed, type UsableReset, voidResets } from '@portcullis/db/queries/password-reset'
import { revokeSessions } from '@portcullis/db/queries/session'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import type { PasswordHasher } from '../password/hash.ts'
import type { PasswordVetter } from '../password/vet.ts'
import { hashMailedToken } from '../token/mailed-token.ts'

/** What came of it. A wrong, used, expired, older or cut token are all the same to the caller. */
export type ResetCompletion =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'token_invalid' }
  | { readonly ok: false; readonly why: 'password_refused'; readonly faults: readonly Fault[] }

/** What `completePasswordReset` works with. */
export interface ResetCompletionDeps {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
}

/**
 * Sets a new password with a mailed token. Never logs in. The token is used up in the transaction that sets the
 * password; the fence is raised, every session and every other token of the account ends, and the owner is told
 * (OWASP Forgot Password; ASVS 5 7.4.3). A refused password leaves the token as it was.
 */
export async function completePasswordReset(
  deps: ResetCompletionDeps,
  input: { readonly token: string; readonly password: string },
  caller: Caller,
): Promise<ResetCompletion> {
  const tokenHash = hashMailedToken(input.token)
  const reset = await withStore(deps.database, (queries) => findUsableReset(queries, tokenHash))
  if (!reset) return { ok: false, why: 'token_invalid' }
  const faults = await deps.vet(input.password, { email: reset.email, name: reset.name, secondFactor: false })
  if (faults.length > 0) return { ok: false, why: 'password_refused', faults }
  const passwordHash = await deps.hasher.hash(input.password)
  const set = await inTransaction(deps.database, (tx) => setPassword(tx, reset, passwordHash, caller))
  return set ? { ok: true } : { ok: false, why: 'token_invalid' }
}

async function setPassword(tx: Tx, reset: UsableReset, passwordHash: string, caller: Caller): Promise<boolean> {
  const { accountId } = reset
  // The account first, as everywhere: whoever changes its credentials waits here, and nobody waits in a circle.
  if (!(await lockAccount(tx, accountId)) || !(await updateResetUsed(tx, reset.id))) return false
  await updatePassword(tx, accountId, passwordHash)
  const sessionsRevoked = await revokeSessions(tx, accountId, 'password_reset')
  const tokensVoided = await voidResets(tx, accountId)
  await recordFacts(tx, [
    {
      action: 'authn_password_change',
      accountId,
      actor: 'account',
      actorId: accountId,
      subject: { kind: 'account', id: accountId },
      requestId: caller.requestId,
      details: { by: 'password_reset', passwordResetId: reset.id, sessionsRevoked, tokensVoided },
    },
  ])
  await notifyOwner(tx, { accountId, kind: 'password_changed', caller })
  return true
}
