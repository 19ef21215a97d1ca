import type { Id } from '@portcullis/contracts/ids'
import { updateNoticesMailed } from '@portcullis/db/queries/notice-mail'
import type { Tx } from '@portcullis/db/transaction'
import { enqueueAll } from '../job/enqueue.ts'
import { type MailReceipt, recordMails } from '../mail/record.ts'
import type { NoticeMail } from './prepare.ts'

/** A notice whose mail was tried. */
export interface TriedNotice {
  readonly jobId: Id<'job'>
  readonly mail: NoticeMail
  readonly template: string
  readonly receipt: MailReceipt
  readonly traceparent: string
}

/**
 * Records what became of mails: which notices the owner has been told of, with an audit event each. A lockdown that waited
 * for its owner to be told goes on at once.
 */
export async function recordNotices(tx: Tx, tried: readonly TriedNotice[]): Promise<void> {
  await recordMails(
    tx,
    tried.map(({ jobId, mail, template, receipt }) => ({
      jobId,
      accountId: mail.accountId,
      subject: { kind: 'notice', id: mail.id },
      template,
      receipt,
    })),
  )
  const sent = tried.filter(({ receipt }) => receipt.kind === 'sent')
  await updateNoticesMailed(
    tx,
    sent.map(({ mail }) => mail),
  )
  const locked = sent.flatMap(({ mail: { kind, lockdownId }, traceparent }) =>
    kind === 'account_locked' && lockdownId !== null ? [{ payload: { lockdownId }, traceparent }] : [],
  )
  await enqueueAll(tx, 'run.lockdown', locked)
}
