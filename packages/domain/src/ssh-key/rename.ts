import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import type { LivingSession } from '@portcullis/db/queries/session'
import { type SshKeyRow, updateSshKeyName } from '@portcullis/db/queries/ssh-key'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/**
 * Gives a key of the owner another name, which no server ever sees; `undefined` for one that is not there, not theirs, or
 * over. The name itself is personal, and no part of the record.
 */
export async function renameSshKey(
  database: Database,
  session: LivingSession,
  id: Id<'sshKey'>,
  name: string,
  caller: Caller,
): Promise<SshKeyRow | undefined> {
  const { accountId } = session
  return inTransaction(database, async (tx) => {
    await lockAccount(tx, accountId)
    const key = await updateSshKeyName(tx, accountId, id, name)
    if (!key) return undefined
    await recordFacts(tx, [
      {
        action: 'ssh_key_renamed',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'ssh_key', id },
        requestId: caller.requestId,
      },
    ])
    return key
  })
}
