import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import { updateAccountName } from '@portcullis/db/queries/owner'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** Gives the owner's account another name. The name itself is personal, and no part of the record. */
export async function renameAccount(
  database: Database,
  session: LivingSession,
  name: string,
  caller: Caller,
): Promise<void> {
  const { accountId } = session
  await inTransaction(database, async (tx) => {
    await lockAccount(tx, accountId)
    await updateAccountName(tx, accountId, name)
    await recordFacts(tx, [
      {
        action: 'user_updated',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'account', id: accountId },
        requestId: caller.requestId,
        details: { fields: ['name'] },
      },
    ])
  })
}
