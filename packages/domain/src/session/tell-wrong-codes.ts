import type { Id } from '@portcullis/contracts/ids'
import { countWrongCodes } from '@portcullis/db/queries/login-history'
import { isNoticeOwedLately } from '@portcullis/db/queries/notice'
import type { Tx } from '@portcullis/db/transaction'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'

const wrongLeast = 3

/**
 * Tells an owner, once an hour, that somebody knows the password and guesses at the code: from the third wrong one within an
 * hour. The account must be locked by this transaction. Source: ASVS 5 6.3.5.
 */
export async function tellWrongCodes(tx: Tx, accountId: Id<'account'>, caller: Caller): Promise<void> {
  const kind = 'second_factor_failed'
  const failures = await countWrongCodes(tx, accountId)
  if (failures < wrongLeast || (await isNoticeOwedLately(tx, accountId, kind))) return
  await notifyOwner(tx, { accountId, kind, caller, details: { failures } })
}
