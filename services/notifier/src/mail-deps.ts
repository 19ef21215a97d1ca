import { domainOf, parseSender } from '@portcullis/mail/mailbox'
import { createMailer } from '@portcullis/mail/transport'
import { openPlaces } from '@portcullis/runtime/place'
import type { NotifierConfig } from './config.ts'
import type { NotifierDeps } from './deps.ts'

/** Makes what every handler that mails works with. Connects to nobody yet; the mailer must be closed. */
export async function createMailDeps(config: NotifierConfig): Promise<NotifierDeps> {
  return {
    mailer: createMailer({
      smtpUrl: config.SMTP_URL,
      from: config.MAIL_FROM,
      connectionsMost: config.MAIL_CONNECTIONS,
      timeoutMs: config.MAIL_TIMEOUT_MS,
    }),
    places: await openPlaces(),
    publicUrl: config.PUBLIC_URL,
    messageIdDomain: domainOf(parseSender(config.MAIL_FROM).address),
    product: config.PRODUCT_NAME,
    supportUrl: config.SUPPORT_URL,
    actSeconds: (2 * config.MAIL_TIMEOUT_MS) / 1000 + 1,
  }
}
