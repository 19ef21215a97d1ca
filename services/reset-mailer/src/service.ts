import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { domainOf, parseSender } from '@portcullis/mail/mailbox'
import { createMailer } from '@portcullis/mail/transport'
import { type HandlersFor } from '@portcullis/queue/handler'
import { startWorker } from '@portcullis/queue/worker'
import { deriveKeys } from '@portcullis/runtime/master-key-ring'
import { openPlaces } from '@portcullis/runtime/place'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { ResetMailerConfig } from './config.ts'
import { handleResetRequested } from './jobs/reset.requested/handle.ts'

/** Builds and starts the reset mailer. Any number may run beside each other. */
export async function createService({
  config,
  log,
  giveUp,
}: ServiceBase & { readonly config: ResetMailerConfig }): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: 'reset-mailer', poolSize: config.DATABASE_POOL })
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
  const worker = startWorker({
    service: 'reset-mailer',
    handlers,
    database,
    databaseUrl,
    redisUrl: config.REDIS_URL?.reveal(),
    log,
    concurrency: config.JOBS_AT_ONCE,
    prefix: config.QUEUE_PREFIX,
    onWedged: giveUp,
  })
  return {
    ready: () => storeAnswers(database),
    async stop() {
      await worker.stop()
      await mailer.close()
      await database.close()
    },
  }
}
