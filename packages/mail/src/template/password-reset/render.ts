import { greet, renderLetter } from '../../letter.ts'
import { quantity } from '../../quantity.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the mail with a reset link tells. Names and places are hostile input; they are cleaned here. */
export interface PasswordReset {
  readonly name: string
  /** Opens the page that asks for the new password. Holds the token. */
  readonly link: URL
  readonly validMinutes: number
  readonly requestedAt: Date
  /** Approximate: `Hamburg, Germany`. */
  readonly place: string
  /** Approximate: `Firefox on Linux`. */
  readonly device: string
  readonly product: string
  readonly supportUrl?: URL | undefined
}

/** The mail with a reset link. Source: OWASP Forgot Password cheat sheet, ASVS 5 6.4.3. */
export function renderPasswordReset(reset: PasswordReset): Rendered {
  const product = shownText(reset.product)
  const life = quantity(reset.validMinutes, 'minute')
  return renderLetter({
    language: 'en',
    product,
    subject: `Reset your ${product} password`,
    preview: `The link inside works once, for ${life}.`,
    heading: 'Choose a new password',
    greeting: greet(strangersText(reset.name)),
    opening: [`Somebody asked to reset the password of your ${product} account. If it was you, choose a new one here.`],
    action: {
      label: 'Choose a new password',
      url: reset.link,
      note: `The link works once, for ${life}. Do not pass it on.`,
    },
    facts: { title: 'Where the request came from', rows: requestFacts(reset.requestedAt, reset) },
    doubt: {
      title: 'Not you?',
      body: 'Then there is nothing you need to do. Without this link nobody can change your password.',
      link: reset.supportUrl && { label: 'Tell our support if it keeps happening', url: reset.supportUrl },
    },
    reason: `${product} sent this because a password reset was asked for with your address.`,
  })
}
