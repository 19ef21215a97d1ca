import type { Id } from '@portcullis/contracts/ids'
import type { Language } from '@portcullis/contracts/language'
import type { MessageName, Payload } from '@portcullis/contracts/messages/index'
import type { Tx } from '@portcullis/db/transaction'
import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import { messageIdFor } from '@portcullis/mail/message-id'
import type { Rendered } from '@portcullis/mail/rendered'
import type { Sent } from '@portcullis/mail/sent'
import { effect, planned } from '@portcullis/queue/handler'
import { isOutcome, type Outcome, outcomeOfHandover } from '@portcullis/queue/outcome'
import type { NotifierDeps } from './deps.ts'

/** What a job mails to one address. */
export interface MailWork<Name extends MessageName, Mail extends { readonly email: string }> {
  /** What the mail is about; its Message-ID is made of the id. */
  readonly subjectOf: (payload: Payload<Name>) => { readonly kind: string; readonly id: string }
  /** Decides, in the claiming transaction: a mail, or how the job ends without one. The same again when it is repeated. */
  readonly prepare: (tx: Tx, payload: Payload<Name>) => Promise<Mail | Outcome>
  readonly templateOf: (mail: Mail) => string
  readonly accountOf: (mail: Mail) => Id<'account'> | null
  readonly languageOf: (mail: Mail) => Language
  readonly render: (mail: Mail, language: Language) => Rendered
}

/** Mails, at least once and under one Message-ID, with what became of it recorded. */
export function mailEffect<Name extends MessageName, Mail extends { readonly email: string }>(
  { mailer, messageIdDomain, actSeconds }: NotifierDeps,
  work: MailWork<Name, Mail>,
) {
  return effect<Name, { readonly mail: Mail; readonly messageId: string }, Sent>({
    actSeconds,

    async claim(tx, jobs) {
      const claims = []
      for (const job of jobs) {
        const mail = await work.prepare(tx, job.payload)
        if (isOutcome(mail)) {
          claims.push(mail)
          continue
        }
        const template = work.templateOf(mail)
        const messageId = messageIdFor(template, work.subjectOf(job.payload).id, messageIdDomain)
        await intendMails(tx, [{ jobId: job.id, template, messageId }])
        claims.push(planned({ mail, messageId }))
      }
      return claims
    },

    act: ({ mail, messageId }, signal) => {
      const language = work.languageOf(mail)
      return mailer.send({ messageId, to: mail.email, language, rendered: work.render(mail, language) }, signal)
    },

    async record(tx, acted) {
      await recordMails(
        tx,
        acted.map(({ job, plan: { mail }, receipt }) => ({
          jobId: job.id,
          accountId: work.accountOf(mail),
          subject: work.subjectOf(job.payload),
          template: work.templateOf(mail),
          receipt,
        })),
      )
      return acted.map(({ receipt }) => outcomeOfHandover(receipt))
    },
  })
}
