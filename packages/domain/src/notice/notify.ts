import type { Id } from '@portcullis/contracts/ids'
import { type NoticeKind, notices } from '@portcullis/contracts/notice-kind'
import { insertNotice } from '@portcullis/db/queries/notice'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'

/** How long a notice that is not urgent waits for others of its kind, to share a mail with them. */
const burstSeconds = 3

/** What of a caller goes into a notice. */
export type NoticeCaller = Pick<Caller, 'ip' | 'userAgent' | 'traceparent'>

/** Owes the owner a notice, in the transaction of what it is about. */
export async function notifyOwner(
  tx: Tx,
  notice: {
    readonly accountId: Id<'account'>
    readonly kind: NoticeKind
    readonly caller: NoticeCaller
    /** What its mail says besides: names that the owner gave, counts. No secret. */
    readonly details?: Record<string, unknown>
    readonly lockdownId?: Id<'lockdown'>
  },
): Promise<void> {
  const { accountId, kind, caller, details = null, lockdownId = null } = notice
  const id = newId('notice')
  const { ip, userAgent } = caller
  const delayMs = notices[kind].urgent ? 0 : burstSeconds * 1000
  // Both on their way at once: one connection takes them in order.
  await Promise.all([
    insertNotice(tx, { id, accountId, kind, ip, userAgent, details, lockdownId, linkSalt: randomBytesOf(16) }),
    enqueue(tx, 'send.notice', { noticeId: id }, caller.traceparent, delayMs),
  ])
}
