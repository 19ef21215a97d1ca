import { type Language, languages, readLanguage } from '@portcullis/contracts/language'
import {
  prepareRegistration,
  type PreparedRegistration,
  type RegistrationSettings,
} from '@portcullis/domain/registration/prepare'
import { registrationValidHours } from '@portcullis/domain/registration/request'
import { deviceText, placeText } from '@portcullis/mail/origin'
import { renderAccountExists } from '@portcullis/mail/template/account-exists/render'
import { renderConfirmEmail } from '@portcullis/mail/template/confirm-email/render'
import { skip } from '@portcullis/queue/outcome'
import type { NotifierDeps } from '../../deps.ts'
import { mailEffect } from '../../mail-effect.ts'

type Mailable = Exclude<PreparedRegistration, { kind: 'none' }>

const templates = { confirm: 'confirm-email', exists: 'account-exists' } as const

/** Mails the owner of an address what a registration came to: a link that confirms it, or that an account exists. */
export function handleRegistrationRequested(deps: NotifierDeps & RegistrationSettings) {
  return mailEffect<'registration.requested', Mailable>(deps, {
    subjectOf: ({ registrationId }) => ({ kind: 'registration', id: registrationId }),
    async prepare(tx, { registrationId }) {
      const mail = await prepareRegistration(tx, registrationId, deps)
      return mail.kind === 'none' ? skip(mail.why) : mail
    },
    templateOf: (mail) => templates[mail.kind],
    accountOf: (mail) => (mail.kind === 'exists' ? mail.accountId : null),
    // Whoever has no account yet has chosen no language.
    languageOf: (mail) => (mail.kind === 'exists' ? readLanguage(mail.language) : languages[0]),
    render: (mail, language) => render(mail, language, deps),
  })
}

function render(mail: Mailable, language: Language, { publicUrl, places, product }: NotifierDeps) {
  const { name } = mail
  if (mail.kind === 'confirm') {
    const link = new URL('/verify-email', publicUrl)
    link.hash = `token=${mail.token}`
    return renderConfirmEmail({ language, name, link, validHours: registrationValidHours, product })
  }
  return renderAccountExists({
    language,
    name,
    resetLink: new URL('/reset-password', publicUrl),
    requestedAt: mail.requestedAt,
    place: placeText(places.of(mail.ip ?? undefined).country, language),
    device: deviceText(mail.userAgent ?? undefined, language),
    product,
  })
}
