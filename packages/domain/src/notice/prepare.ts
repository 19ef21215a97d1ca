import type { Id } from '@portcullis/contracts/ids'
import { listNoticesWithRecipient, type NoticeWithRecipient } from '@portcullis/db/queries/notice'
import type { Tx } from '@portcullis/db/transaction'

/** A notice that is to be mailed, with the address of this moment. */
export type PreparedNotice = NoticeWithRecipient

/** Reads the notices that are to be mailed. One whose account is gone is missing. */
export async function prepareNotices(tx: Tx, ids: readonly Id<'notice'>[]): Promise<Map<Id<'notice'>, PreparedNotice>> {
  return listNoticesWithRecipient(tx, ids)
}
