import { type About, integer, optional, secretUrl, setting, type Setting } from '@portcullis/runtime/config'
import { masterKeySettings } from '@portcullis/runtime/master-key-ring'
import { z } from 'zod'
import { isLink } from './link.ts'

/** A link that a mail may hold, see `linkText`: one that may not must fail at the start, not at the first mail. */
function link(about: About): Setting<URL> {
  const schema = z.string().transform((text, context) => {
    const url = URL.parse(text)
    if (url && isLink(url)) return url
    context.addIssue({ code: 'custom', message: 'must be an https URL, or an http URL of this machine itself' })
    return z.NEVER
  })
  return setting(schema, about)
}

/** Settings of everybody who sends mail. Spread them into a service's own shape. */
export const mailSettings = {
  SMTP_URL: secretUrl({
    reason: 'the mail server that takes our mail',
    example: 'smtps://portcullis:…@mail.internal:465',
    protocols: ['smtp:', 'smtps:'],
  }),
  MAIL_FROM: setting(z.string().min(3, 'must be a sender'), {
    reason: 'sender of security mail; its domain is also that of the Message-ID',
    example: 'Acme Security <security@acme.example>',
    quoted: true,
  }),
  MAIL_CONNECTIONS: integer({
    reason: 'connections to the mail server at most',
    example: '10',
    default: 10,
    min: 1,
    max: 200,
  }),
  MAIL_TIMEOUT_MS: integer({
    reason: 'how long the mail server may be silent; a whole send ends within twice that',
    example: '6000',
    default: 6000,
    min: 100,
    max: 10_000,
  }),
  PUBLIC_URL: link({
    reason: 'where links in mails lead; never taken from a request (OWASP Forgot Password)',
    example: 'https://account.acme.example',
  }),
  PRODUCT_NAME: setting(z.string().min(1).max(40).default('Portcullis'), {
    reason: 'what mails call the product',
    example: 'Acme',
    shownDefault: 'Portcullis',
  }),
  SUPPORT_URL: optional(
    link({ reason: 'where mails send somebody who needs a person', example: 'https://acme.example/support' }),
  ),
  ...masterKeySettings,
} as const
