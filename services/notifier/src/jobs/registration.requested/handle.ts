import { languages, readLanguage } from '@portcullis/contracts/language'
import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import {
  prepareRegistration,
  type PreparedRegistration,
  type RegistrationSettings,
} from '@portcullis/domain/registration/prepare'
import { registrationValidHours } from '@portcullis/domain/registration/request'
import { messageIdFor } from '@portcullis/mail/message-id'
import { deviceText, placeText } from '@portcullis/mail/origin'
import { renderAccountExists } from '@portcullis/mail/template/account-exists/render'
import { renderConfirmEmail } from '@portcullis/mail/template/confirm-email/render'
import { effect, planned } from '@portcullis/queue/handler'
import { done, failed, skip, stop } from '@portcullis/queue/outcome'
import type { NotifierDeps } from '../../deps.ts'

type Mailable = Exclude<PreparedRegistration, { kind: 'none' }>

const templates = { confirm: 'confirm-email', exists: 'account-exists' } as const

/** Mails the owner of an address what a registration came to: a link that confirms it, or that an account exists. */
export function handleRegistrationRequested(deps: NotifierDeps & RegistrationSettings) {
  return effect<
    'registration.requested',
    { mail: Mailable; messageId: string },
    Awaited<ReturnType<NotifierDeps['mailer']['send']>>
  >({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const claims = []
      for (const job of jobs) {
        const mail = await prepareRegistration(tx, job.payload.registrationId, deps)
        if (mail.kind === 'none') claims.push(skip(mail.why))
        else {
          const template = templates[mail.kind]
          const messageId = messageIdFor(template, job.payload.registrationId, deps.messageIdDomain)
          await intendMails(tx, [{ jobId: job.id, template, messageId }])
          claims.push(planned({ mail, messageId }))
        }
      }
      return claims
    },

    act: ({ mail, messageId }, signal) =>
      deps.mailer.send({ messageId, to: mail.email, language: languageOf(mail), rendered: render(mail, deps) }, signal),

    async record(tx, acted) {
      await recordMails(
        tx,
        acted.map(({ job, plan, receipt }) => ({
          jobId: job.id,
          accountId: plan.mail.kind === 'exists' ? plan.mail.accountId : null,
          subject: { kind: 'registration', id: job.payload.registrationId },
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

/** Whoever has no account yet has chosen no language. */
function languageOf(mail: Mailable) {
  return mail.kind === 'exists' ? readLanguage(mail.language) : languages[0]
}

function render(mail: Mailable, deps: NotifierDeps) {
  const language = languageOf(mail)
  if (mail.kind === 'confirm') {
    const link = new URL('/verify-email', deps.publicUrl)
    link.hash = `token=${mail.token}`
    return renderConfirmEmail({
      language,
      name: mail.name,
      link,
      validHours: registrationValidHours,
      product: deps.product,
    })
  }
  return renderAccountExists({
    language,
    name: mail.name,
    resetLink: new URL('/reset-password', deps.publicUrl),
    requestedAt: mail.requestedAt,
    place: placeText(deps.places.of(mail.ip ?? undefined).country, language),
    device: deviceText(mail.userAgent ?? undefined, language),
    product: deps.product,
  })
}
