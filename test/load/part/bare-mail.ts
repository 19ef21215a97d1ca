import { randomBytes } from 'node:crypto'
import { composeMail } from '@portcullis/mail/compose'
import { parseSender } from '@portcullis/mail/mailbox'
import { renderPasswordReset } from '@portcullis/mail/template/password-reset/render'
import { createTransport } from 'nodemailer'

/** Pooled nodemailer and nothing around it: no ledger, no token, no time limit. */
export interface BareMailer {
  /** Renders the reset mail and sends it. */
  send(to: string): Promise<void>
}

/** Opens the pool, with the number of mails per connection that the house has. */
export function makeBareMailer(smtpPort: number, connections: number): BareMailer {
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port: smtpPort,
    ignoreTLS: true,
    maxConnections: connections,
    maxMessages: 100,
  })
  const from = parseSender('Portcullis <security@portcullis.localhost>')
  return {
    async send(to) {
      const rendered = renderPasswordReset({
        language: 'en',
        name: 'Ada Owner',
        link: new URL(`http://127.0.0.1:8080/reset-password#token=${randomBytes(32).toString('base64url')}`),
        validMinutes: 30,
        requestedAt: new Date(),
        place: 'an unknown place',
        device: 'Firefox on Linux',
        product: 'Portcullis',
      })
      const messageId = `<password-reset.${randomBytes(16).toString('hex')}@portcullis.localhost>`
      await transport.sendMail(composeMail({ messageId, to, rendered, language: 'en' }, from, new Date()))
    },
  }
}
