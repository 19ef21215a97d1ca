import { readLanguage } from '@portcullis/contracts/language'
import { changeValidHours } from '@portcullis/domain/email/change-rule'
import { prepareEmailChange, type PreparedEmailChange } from '@portcullis/domain/email/prepare-change'
import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import type { TokenKeys } from '@portcullis/domain/token/mailed-token'
import { messageIdFor } from '@portcullis/mail/message-id'
import { renderConfirmEmailChange } from '@portcullis/mail/template/confirm-email-change/render'
import { renderEmailTaken } from '@portcullis/mail/template/email-taken/render'
import { effect, planned } from '@portcullis/queue/handler'
import { done, failed, skip, stop } from '@portcullis/queue/outcome'
import type { NotifierDeps } from '../../deps.ts'

type Mailable = Exclude<PreparedEmailChange, { kind: 'none' }>

const templates = { confirm: 'confirm-email-change', taken: 'email-taken' } as const

/** Mails a wanted address the link that confirms it, or tells whoever has it already that somebody tried. */
export function handleEmailChanging(deps: NotifierDeps & TokenKeys) {
  return effect<
    'email.changing',
    { mail: Mailable; messageId: string },
    Awaited<ReturnType<NotifierDeps['mailer']['send']>>
  >({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const claims = []
      for (const job of jobs) {
        const mail = await prepareEmailChange(tx, job.payload.emailChangeId, deps)
        if (mail.kind === 'none') claims.push(skip(mail.why))
        else {
          const template = templates[mail.kind]
          const messageId = messageIdFor(template, job.payload.emailChangeId, deps.messageIdDomain)
          await intendMails(tx, [{ jobId: job.id, template, messageId }])
          claims.push(planned({ mail, messageId }))
        }
      }
      return claims
    },

    act: ({ mail, messageId }, signal) =>
      deps.mailer.send(
        { messageId, to: mail.email, language: readLanguage(mail.language), rendered: render(mail, deps) },
        signal,
      ),

    async record(tx, acted) {
      await recordMails(
        tx,
        acted.map(({ job, plan, receipt }) => ({
          jobId: job.id,
          accountId: plan.mail.accountId,
          subject: { kind: 'email_change', id: job.payload.emailChangeId },
          template: templates[plan.mail.kind],
          receipt,
        })),
      )
      return acted.map(({ receipt }) => {
        if (receipt.kind === 'sent') return done
        return receipt.kind === 'refused' ? stop(receipt.code) : failed(receipt.code)
      })
    },
  })
}

function render(mail: Mailable, { publicUrl, product }: NotifierDeps) {
  const language = readLanguage(mail.language)
  const { name } = mail
  if (mail.kind === 'taken') return renderEmailTaken({ language, name, product })
  const link = new URL('/confirm-email-change', publicUrl)
  link.hash = `token=${mail.token}`
  return renderConfirmEmailChange({ language, name, link, validHours: changeValidHours, product })
}
