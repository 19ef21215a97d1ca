import type { Language } from '@portcullis/contracts/language'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import { updateAccountProfile } from '@portcullis/db/queries/owner'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** Changes how the owner is greeted and in which language. The name itself is personal, and no part of the record. */
export async function changeProfile(
  database: Database,
  session: LivingSession,
  change: { readonly name?: string | undefined; readonly language?: Language | undefined },
  caller: Caller,
): Promise<void> {
  const { accountId } = session
  await inTransaction(database, async (tx) => {
    await lockAccount(tx, accountId)
    await updateAccountProfile(tx, accountId, change)
    await recordFacts(tx, [
      {
        action: 'user_updated',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'account', id: accountId },
        requestId: caller.requestId,
        details: { fields: Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field])) },
      },
    ])
  })
}
