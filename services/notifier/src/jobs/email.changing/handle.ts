import { type Language, readLanguage } from '@portcullis/contracts/language'
import { changeValidHours } from '@portcullis/domain/email/change-rule'
import { prepareEmailChange, type PreparedEmailChange } from '@portcullis/domain/email/prepare-change'
import type { TokenKeys } from '@portcullis/domain/token/mailed-token'
import { renderConfirmEmailChange } from '@portcullis/mail/template/confirm-email-change/render'
import { renderEmailTaken } from '@portcullis/mail/template/email-taken/render'
import { skip } from '@portcullis/queue/outcome'
import type { NotifierDeps } from '../../deps.ts'
import { mailEffect } from '../../mail-effect.ts'

type Mailable = Exclude<PreparedEmailChange, { kind: 'none' }>

const templates = { confirm: 'confirm-email-change', taken: 'email-taken' } as const

/** Mails a wanted address the link that confirms it, or tells whoever has it already that somebody tried. */
export function handleEmailChanging(deps: NotifierDeps & TokenKeys) {
  return mailEffect<'email.changing', Mailable>(deps, {
    subjectOf: ({ emailChangeId }) => ({ kind: 'email_change', id: emailChangeId }),
    async prepare(tx, { emailChangeId }) {
      const mail = await prepareEmailChange(tx, emailChangeId, deps)
      return mail.kind === 'none' ? skip(mail.why) : mail
    },
    templateOf: (mail) => templates[mail.kind],
    accountOf: (mail) => mail.accountId,
    languageOf: (mail) => readLanguage(mail.language),
    render: (mail, language) => render(mail, language, deps),
  })
}

function render(mail: Mailable, language: Language, { publicUrl, product }: NotifierDeps) {
  const { name } = mail
  if (mail.kind === 'taken') return renderEmailTaken({ language, name, product })
  const link = new URL('/confirm-email-change', publicUrl)
  link.hash = `token=${mail.token}`
  return renderConfirmEmailChange({ language, name, link, validHours: changeValidHours, product })
}
