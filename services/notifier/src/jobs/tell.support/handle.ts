import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import { prepareAlert, recordAlert, type SupportAlert, type SupportChannel } from '@portcullis/domain/support/alert'
import { messageIdFor } from '@portcullis/mail/message-id'
import { renderSupportAlert } from '@portcullis/mail/template/support-alert/render'
import type { Mailer } from '@portcullis/mail/transport'
import { type Acted, effect, planned } from '@portcullis/queue/handler'
import { done, failed, type Outcome, skip } from '@portcullis/queue/outcome'
import type { Outbound, OutboundAnswer } from '@portcullis/runtime/outbound'
import type { Secret } from '@portcullis/runtime/secret'
import { chatBody, type ChatFormat, chatFormatOf } from '../../support-chat.ts'

/** What support is told with. */
export interface SupportDeps {
  readonly mailer: Mailer
  readonly outbound: Outbound
  readonly publicUrl: URL
  readonly messageIdDomain: string
  readonly product: string
  readonly actSeconds: number
  readonly chatUrl: Secret | undefined
  /** Absent: by the address. */
  readonly chatFormat: ChatFormat | undefined
  readonly email: string | undefined
}

type MailReceipt = Awaited<ReturnType<Mailer['send']>>

/** What came of each channel that was used. */
interface SupportReceipt {
  readonly chat?: OutboundAnswer
  readonly mail?: MailReceipt
}

/** Tells support of a lockdown, or of an endpoint that was given up: by chat, by mail, or both. Each at least once. */
export function handleTellSupport(deps: SupportDeps) {
  const configured: SupportChannel[] = [
    ...(deps.chatUrl ? ['chat' as const] : []),
    ...(deps.email ? ['mail' as const] : []),
  ]

  return effect<'tell.support', SupportAlert, SupportReceipt>({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const claims = []
      for (const job of jobs) {
        const prepared = await prepareAlert(tx, job.payload, configured)
        if (prepared.kind !== 'alert') {
          claims.push(prepared.kind === 'unconfigured' ? done : skip(prepared.kind))
          continue
        }
        if (prepared.alert.channels.includes('mail')) {
          const messageId = messageIdOf(prepared.alert)
          await intendMails(tx, [{ jobId: job.id, template: 'support-alert', messageId }])
        }
        claims.push(planned(prepared.alert))
      }
      return claims
    },

    async act(alert, signal) {
      const [chat, mail] = await Promise.all([
        alert.channels.includes('chat') ? tellChat(alert, signal) : undefined,
        alert.channels.includes('mail') ? tellByMail(alert, signal) : undefined,
      ])
      return { ...(chat && { chat }), ...(mail && { mail }) }
    },

    async record(tx, acted) {
      const outcomes: Outcome[] = []
      for (const one of acted) {
        const { plan, receipt } = one
        if (wasTaken(receipt.chat)) await recordAlert(tx, plan.about, 'chat')
        if (receipt.mail) await recordMails(tx, [triedMail(one, receipt.mail)])
        if (receipt.mail?.kind === 'sent') await recordAlert(tx, plan.about, 'mail')
        outcomes.push(outcomeOf(receipt))
      }
      return outcomes
    },
  })

  function tellChat(alert: SupportAlert, signal: AbortSignal): Promise<OutboundAnswer> {
    const url = deps.chatUrl?.reveal() ?? ''
    const body = chatBody(alert, reportOf(alert), deps.product, deps.chatFormat ?? chatFormatOf(new URL(url)))
    return deps.outbound.post({ url, headers: { 'content-type': 'application/json' }, body }, signal)
  }

  function tellByMail(alert: SupportAlert, signal: AbortSignal): Promise<MailReceipt> {
    const { title, facts } = alert
    const rendered = renderSupportAlert({ product: deps.product, title, facts, report: reportOf(alert) })
    const to = deps.email ?? ''
    return deps.mailer.send({ messageId: messageIdOf(alert), to, language: 'en', rendered }, signal)
  }

  function reportOf(alert: SupportAlert): URL {
    return new URL(alert.path, deps.publicUrl)
  }

  function messageIdOf(alert: SupportAlert): string {
    return messageIdFor('support-alert', alert.about.id, deps.messageIdDomain)
  }
}

function triedMail({ job, plan }: Acted<'tell.support', SupportAlert, SupportReceipt>, receipt: MailReceipt) {
  const { kind, id } = plan.about
  return { jobId: job.id, accountId: null, subject: { kind, id }, template: 'support-alert', receipt }
}

function wasTaken(answer: OutboundAnswer | undefined): boolean {
  return answer?.kind === 'answered' && answer.status >= 200 && answer.status < 300
}

/** Done when every channel that was used took it: the rest is tried again. */
function outcomeOf({ chat, mail }: SupportReceipt): Outcome {
  if (chat && !wasTaken(chat))
    return failed(chat.kind === 'answered' ? `chat_http_${chat.status}` : `chat_${chat.code}`)
  if (mail && mail.kind !== 'sent') return failed(mail.code)
  return done
}
