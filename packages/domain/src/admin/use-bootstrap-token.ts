import { Failure } from '@portcullis/contracts/errors'
import { updateAccountRole } from '@portcullis/db/queries/account-administration'
import { lockBootstrap, updateBootstrapTokenUsed } from '@portcullis/db/queries/bootstrap-token'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import type { Tx } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'

/**
 * Makes the account of a session an admin by a token that was made for its very address: once, within the hour. Of many at
 * once one succeeds. Throws `Failure`: `second_factor_required`, `credential_required`, `token_invalid` for every other token,
 * whatever is wrong with it.
 */
export async function useBootstrapToken(tx: Tx, session: LivingSession, token: string, caller: Caller): Promise<void> {
  const { accountId } = session
  if (!session.secondFactor) throw new Failure('second_factor_required')
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  if (!(await hasActiveFactor(tx, accountId))) throw new Failure('second_factor_required')
  await lockBootstrap(tx)
  const id = await updateBootstrapTokenUsed(tx, accountId, sha256(token))
  if (id === undefined) throw new Failure('token_invalid')
  await updateAccountRole(tx, accountId, 'admin')
  await recordFacts(tx, [
    {
      action: 'admin_bootstrapped',
      accountId,
      actor: 'account',
      actorId: accountId,
      subject: { kind: 'account', id: accountId },
      requestId: caller.requestId,
      details: { from: session.role, to: 'admin', bootstrapTokenId: id, by: session.id },
    },
  ])
  await notifyOwner(tx, { accountId, kind: 'role_changed', caller, details: { role: 'admin' } })
  tx.wakeAfterCommit()
}
