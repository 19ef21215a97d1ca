import type { Id } from '@portcullis/contracts/ids'
import { updateMailDeliveries } from '@portcullis/db/queries/mail-delivery'
import type { Tx } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '../audit/record.ts'

/** How an attempt to hand over a mail ended: taken, refused for good, or to be tried again. */
export type MailReceipt =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly smtpStatus: number }
  | { readonly kind: 'failed' }

/** A mail that was tried. */
export interface TriedMail {
  readonly jobId: Id<'job'>
  readonly accountId: Id<'account'> | null
  readonly subject: { readonly kind: string; readonly id: string }
  readonly template: string
  readonly receipt: MailReceipt
}

/** Records what became of mails, with an audit event each. One that is to be tried again is no fact yet. */
export async function recordMails(tx: Tx, tried: readonly TriedMail[]): Promise<void> {
  const over = tried.flatMap(({ receipt, ...mail }) =>
    receipt.kind === 'failed' ? [] : [{ ...mail, refusedStatus: receipt.kind === 'sent' ? null : receipt.smtpStatus }],
  )
  await updateMailDeliveries(tx, over)
  await recordFacts(
    tx,
    over.map((mail): Fact => ({
      action: mail.refusedStatus === null ? 'mail_sent' : 'mail_refused',
      accountId: mail.accountId,
      actor: 'system',
      subject: mail.subject,
      details: { template: mail.template, ...(mail.refusedStatus === null ? {} : { smtpStatus: mail.refusedStatus }) },
    })),
  )
}
