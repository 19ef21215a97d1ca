import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '@portcullis/db/notice-kind'
import { insertNotice } from '@portcullis/db/queries/notice'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'

/** Owes the owner a notice, in the transaction of what it is about. */
export async function notifyOwner(
  tx: Tx,
  notice: { readonly accountId: Id<'account'>; readonly kind: NoticeKind; readonly caller: Caller },
): Promise<void> {
  const { accountId, kind, caller } = notice
  const id = newId('notice')
  await insertNotice(tx, { id, accountId, kind, ip: caller.ip, userAgent: caller.userAgent })
  await enqueue(tx, 'send.notice', { noticeId: id }, caller.traceparent)
}
