import { readLanguage } from '@portcullis/contracts/language'
import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import { prepareResets, type ResetMail, type ResetSettings } from '@portcullis/domain/reset/prepare'
import { messageIdFor } from '@portcullis/mail/message-id'
import { deviceText, placeText } from '@portcullis/mail/origin'
import type { Rendered } from '@portcullis/mail/rendered'
import { renderPasswordReset } from '@portcullis/mail/template/password-reset/render'
import type { Mailer } from '@portcullis/mail/transport'
import { effect, type EffectHandler, planned } from '@portcullis/queue/handler'
import { outcomeOfHandover, skip } from '@portcullis/queue/outcome'
import type { Places } from '@portcullis/runtime/place'

/** What the handler works with. */
export interface ResetRequestedDeps extends ResetSettings {
  readonly mailer: Mailer
  readonly places: Places
  /** Where the link leads; the token is added as fragment, which no server and no log ever sees. */
  readonly resetPage: URL
  readonly messageIdDomain: string
  readonly product: string
  readonly supportUrl: URL | undefined
  /** A send is over by then, see MAIL_TIMEOUT_MS. */
  readonly actSeconds: number
}

const template = 'password-reset'

/** Finds the account, makes the token and mails it: at least once, always the same link under the same Message-ID. */
export function handleResetRequested(
  deps: ResetRequestedDeps,
): EffectHandler<'reset.requested', ResetMail, Awaited<ReturnType<Mailer['send']>>> {
  return effect({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const prepared = await prepareResets(
        tx,
        jobs.map((job) => job.payload.passwordResetId),
        deps,
      )
      const claims = jobs.map((job) => ({ job, reset: prepared.get(job.payload.passwordResetId) }))
      await intendMails(
        tx,
        claims.flatMap(({ job, reset }) =>
          reset?.kind === 'mail' ? [{ jobId: job.id, template, messageId: messageIdOf(reset.mail, deps) }] : [],
        ),
      )
      return claims.map(({ reset }) => {
        if (!reset) return skip('gone')
        return reset.kind === 'mail' ? planned(reset.mail) : skip(reset.why)
      })
    },

    act: (mail, signal) =>
      deps.mailer.send(
        {
          messageId: messageIdOf(mail, deps),
          to: mail.email,
          language: readLanguage(mail.language),
          rendered: render(mail, deps),
        },
        signal,
      ),

    async record(tx, acted) {
      await recordMails(
        tx,
        acted.map(({ job, plan, receipt }) => ({
          jobId: job.id,
          accountId: plan.accountId,
          subject: { kind: 'password_reset', id: plan.resetId },
          template,
          receipt,
        })),
      )
      return acted.map(({ receipt }) => outcomeOfHandover(receipt))
    },
  })
}

function messageIdOf(mail: ResetMail, deps: ResetRequestedDeps): string {
  return messageIdFor(template, mail.resetId, deps.messageIdDomain)
}

function render(mail: ResetMail, deps: ResetRequestedDeps): Rendered {
  const language = readLanguage(mail.language)
  const link = new URL(deps.resetPage)
  link.hash = `token=${mail.token}`
  return renderPasswordReset({
    language,
    name: mail.name,
    link,
    validMinutes: deps.validMinutes,
    requestedAt: mail.requestedAt,
    place: placeText(deps.places.of(mail.ip ?? undefined).country, language),
    device: deviceText(mail.userAgent ?? undefined, language),
    product: deps.product,
    ...(deps.supportUrl === undefined ? {} : { supportUrl: deps.supportUrl }),
  })
}
