import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { domainOf, parseSender } from '@portcullis/mail/mailbox'
import { createMailer } from '@portcullis/mail/transport'
import { type HandlersFor } from '@portcullis/queue/handler'
import { startWorker } from '@portcullis/queue/worker'
import { deriveKey } from '@portcullis/runtime/master-key'
import { openPlaces } from '@portcullis/runtime/place'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { NotifierConfig } from './config.ts'
import type { NotifierDeps } from './deps.ts'
import { handlePurgeExpired } from './jobs/purge.expired/handle.ts'
import { handleRegistrationRequested } from './jobs/registration.requested/handle.ts'
import { handleSendNotice } from './jobs/send.notice/handle.ts'

/** Builds and starts the notifier. Any number may run beside each other. */
export async function createService({
  config,
  log,
  giveUp,
}: ServiceBase & { readonly config: NotifierConfig }): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: 'notifier', poolSize: config.DATABASE_POOL })
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    from: config.MAIL_FROM,
    connectionsMost: config.MAIL_CONNECTIONS,
    timeoutMs: config.MAIL_TIMEOUT_MS,
  })
  const deps: NotifierDeps = {
    mailer,
    places: await openPlaces(),
    publicUrl: config.PUBLIC_URL,
    messageIdDomain: domainOf(parseSender(config.MAIL_FROM).address),
    product: config.PRODUCT_NAME,
    actSeconds: (2 * config.MAIL_TIMEOUT_MS) / 1000 + 1,
  }
  const handlers: HandlersFor<'notifier'> = {
    'registration.requested': handleRegistrationRequested({
      ...deps,
      tokenKey: deriveKey(config.MASTER_KEY, 'mailed-token'),
      limitPerHour: config.MAILS_PER_RECIPIENT_HOUR,
    }),
    'send.notice': handleSendNotice(deps),
    'purge.expired': handlePurgeExpired(),
  }
  const worker = startWorker({
    service: 'notifier',
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
