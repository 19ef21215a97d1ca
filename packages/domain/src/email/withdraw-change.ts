import type { Id } from '@portcullis/contracts/ids'
import { lockAccount } from '@portcullis/db/queries/account'
import type { Database } from '@portcullis/db/connect'
import { voidEmailChange } from '@portcullis/db/queries/email-change'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { changeFact } from './change-fact.ts'

/** Takes an own request back: its link is void from the commit on. `false` where there is no such request, or it is not open. */
export async function withdrawEmailChange(
  database: Database,
  { accountId }: Pick<LivingSession, 'accountId'>,
  id: Id<'emailChange'>,
  caller: Caller,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    if (!(await lockAccount(tx, accountId)) || !(await voidEmailChange(tx, accountId, id))) return false
    const by = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
    await recordFacts(tx, [changeFact('email_change_void', { id, accountId }, by, { because: 'owner' })])
    return true
  })
}
