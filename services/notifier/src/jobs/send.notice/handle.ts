import { intendMails } from '@portcullis/domain/mail/intend'
import { recordMails } from '@portcullis/domain/mail/record'
import { type PreparedNotice, prepareNotices } from '@portcullis/domain/notice/prepare'
import { messageIdFor } from '@portcullis/mail/message-id'
import { renderPasswordChanged } from '@portcullis/mail/template/password-changed/render'
import { renderSecurityNotice } from '@portcullis/mail/template/security-notice/render'
import { effect, planned } from '@portcullis/queue/handler'
import { done, failed, skip, stop } from '@portcullis/queue/outcome'
import { describeDevice } from '@portcullis/runtime/device'
import type { NotifierDeps } from '../../deps.ts'

/** Tells an owner what happened to the account: at least once, under one Message-ID. */
export function handleSendNotice(deps: NotifierDeps) {
  return effect<'send.notice', PreparedNotice, Awaited<ReturnType<NotifierDeps['mailer']['send']>>>({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const found = await prepareNotices(
        tx,
        jobs.map((job) => job.payload.noticeId),
      )
      const claims = jobs.map((job) => ({ job, notice: found.get(job.payload.noticeId) }))
      await intendMails(
        tx,
        claims.flatMap(({ job, notice }) =>
          notice ? [{ jobId: job.id, template: templateOf(notice), messageId: messageIdOf(notice) }] : [],
        ),
      )
      return claims.map(({ notice }) => (notice ? planned(notice) : skip('gone')))
    },

    act: (notice, signal) =>
      deps.mailer.send(
        { messageId: messageIdOf(notice), to: notice.email, language: 'en', rendered: render(notice) },
        signal,
      ),

    async record(tx, acted) {
      await recordMails(
        tx,
        acted.map(({ job, plan, receipt }) => ({
          jobId: job.id,
          accountId: plan.accountId,
          subject: { kind: 'notice', id: plan.id },
          template: templateOf(plan),
          receipt,
        })),
      )
      return acted.map(({ receipt }) => {
        if (receipt.kind === 'sent') return done
        return receipt.kind === 'refused' ? stop(receipt.code) : failed(receipt.code)
      })
    },
  })

  function messageIdOf(notice: PreparedNotice): string {
    return messageIdFor('notice', notice.id, deps.messageIdDomain)
  }

  function render(notice: PreparedNotice) {
    const told = {
      name: notice.name,
      place: deps.places.of(notice.ip ?? undefined).text,
      device: describeDevice(notice.userAgent ?? undefined),
      product: deps.product,
      helpLink: new URL('/reset-password', deps.publicUrl),
    }
    if (notice.kind === 'password_changed') return renderPasswordChanged({ ...told, changedAt: notice.occurredAt })
    return renderSecurityNotice({ ...told, event: notice.kind, occurredAt: notice.occurredAt })
  }
}

function templateOf(notice: PreparedNotice): string {
  return notice.kind.replaceAll('_', '-')
}
