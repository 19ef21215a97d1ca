import { readLanguage } from '@portcullis/contracts/language'
import { intendMails } from '@portcullis/domain/mail/intend'
import { type NoticeMail, type NoticeSettings, prepareNotices } from '@portcullis/domain/notice/prepare'
import { recordNotices } from '@portcullis/domain/notice/record'
import { messageIdFor } from '@portcullis/mail/message-id'
import { effect, planned } from '@portcullis/queue/handler'
import { later, outcomeOfHandover, skip } from '@portcullis/queue/outcome'
import type { NotifierDeps } from '../../deps.ts'
import { renderNotice } from './render.ts'

/**
 * Tells an owner what happened to the account: each notice once, or again under one Message-ID where a crash leaves open
 * whether it was told; what comes in a burst in one mail.
 */
export function handleSendNotice(deps: NotifierDeps & NoticeSettings) {
  return effect<'send.notice', NoticeMail, Awaited<ReturnType<NotifierDeps['mailer']['send']>>>({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const prepared = await prepareNotices(
        tx,
        jobs.map((job) => job.payload.noticeId),
        deps,
      )
      const claims = jobs.map((job) => ({ job, found: prepared.get(job.payload.noticeId) }))
      await intendMails(
        tx,
        claims.flatMap(({ job, found }) =>
          found?.kind === 'mail'
            ? [{ jobId: job.id, template: templateOf(found.mail), messageId: messageIdOf(found.mail) }]
            : [],
        ),
      )
      return claims.map(({ found }) => {
        if (found?.kind === 'mail') return planned(found.mail)
        return found?.kind === 'later' ? later(found.delayMs, found.why) : skip(found?.why ?? 'told')
      })
    },

    act: (mail, signal) =>
      deps.mailer.send(
        {
          messageId: messageIdOf(mail),
          to: mail.email,
          language: readLanguage(mail.language),
          rendered: renderNotice(mail, deps),
        },
        signal,
      ),

    async record(tx, acted) {
      await recordNotices(
        tx,
        acted.map(({ job, plan, receipt }) => ({
          jobId: job.id,
          mail: plan,
          template: templateOf(plan),
          receipt,
          traceparent: job.traceparent,
        })),
      )
      return acted.map(({ receipt }) => outcomeOfHandover(receipt))
    },
  })

  function messageIdOf(mail: NoticeMail): string {
    return messageIdFor('notice', mail.id, deps.messageIdDomain)
  }
}

function templateOf(mail: NoticeMail): string {
  return mail.kind.replaceAll('_', '-')
}
