import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import type { LivingSession } from '@portcullis/db/queries/session'
import { revokeSshKey, withdrawKeys } from '@portcullis/db/queries/ssh-key'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/**
 * Revokes a key of the owner: from the commit on no server is given it, it is on the revocation list, and it is withdrawn
 * from every server in the same transaction. `false` for one that is not there, not theirs, or revoked already. A shell
 * that is open stays open: SSH asks at the next login.
 */
export async function revokeOwnSshKey(
  database: Database,
  session: LivingSession,
  id: Id<'sshKey'>,
  caller: Caller,
): Promise<boolean> {
  const { accountId } = session
  return inTransaction(database, async (tx) => {
    await lockAccount(tx, accountId)
    if (!(await revokeSshKey(tx, accountId, id, 'owner'))) return false
    const rentals = await withdrawKeys(tx, [id])
    await recordFacts(tx, [
      {
        action: 'ssh_key_revoked',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'ssh_key', id },
        requestId: caller.requestId,
        details: { because: 'owner', rentals, by: session.id },
      },
    ])
    return true
  })
}
