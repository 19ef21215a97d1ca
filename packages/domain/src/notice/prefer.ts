import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import { replaceMutedKinds } from '@portcullis/db/queries/notification-preference'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** Chooses which kinds of notices the owner is not mailed of. A security notice among them is mailed all the same. */
export async function preferNotices(
  database: Database,
  { accountId }: Pick<LivingSession, 'accountId'>,
  muted: readonly NoticeKind[],
  caller: Caller,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockAccount(tx, accountId)
    await replaceMutedKinds(tx, accountId, muted)
    await recordFacts(tx, [
      {
        action: 'notification_preferences_changed',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'account', id: accountId },
        requestId: caller.requestId,
        details: { muted: [...muted] },
      },
    ])
  })
}
