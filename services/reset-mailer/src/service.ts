import { domainOf, parseSender } from '@portcullis/mail/mailbox'
import { createMailer } from '@portcullis/mail/transport'
import { type HandlersFor } from '@portcullis/queue/handler'
import { createWorkerService } from '@portcullis/queue/worker-service'
import { deriveKeys } from '@portcullis/runtime/master-key-ring'
import { openPlaces } from '@portcullis/runtime/place'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { ResetMailerConfig } from './config.ts'
import { handleResetRequested } from './jobs/reset.requested/handle.ts'

/** Builds and starts the reset mailer. Any number may run beside each other. */
export function createService(base: ServiceBase & { readonly config: ResetMailerConfig }): Promise<RunningService> {
  const { config } = base
  return createWorkerService('reset-mailer', base, async () => {
    const mailer = createMailer({
      smtpUrl: config.SMTP_URL,
      from: config.MAIL_FROM,
      connectionsMost: config.MAIL_CONNECTIONS,
      timeoutMs: config.MAIL_TIMEOUT_MS,
    })
    const [tokenKey, ...tokenKeysOld] = deriveKeys(config, 'mailed-token')
    const handlers: HandlersFor<'reset-mailer'> = {
      'reset.requested': handleResetRequested({
        mailer,
        places: await openPlaces(),
        tokenKey,
        tokenKeysOld,
        validMinutes: config.RESET_VALID_MINUTES,
        limitPerHour: config.MAILS_PER_RECIPIENT_HOUR,
        resetPage: new URL('/reset-password', config.PUBLIC_URL),
        messageIdDomain: domainOf(parseSender(config.MAIL_FROM).address),
        product: config.PRODUCT_NAME,
        supportUrl: config.SUPPORT_URL,
        actSeconds: (2 * config.MAIL_TIMEOUT_MS) / 1000 + 1,
      }),
    }
    return { handlers, concurrency: config.JOBS_AT_ONCE, close: () => mailer.close() }
  })
}
