import { greet, renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'
import { type SecurityEvent, securityEvents } from './event.ts'

/** What an owner is told of a change or a login. Names and places are hostile input; they are cleaned here. */
export interface SecurityNotice {
  readonly event: SecurityEvent
  readonly name: string
  readonly occurredAt: Date
  /** Approximate: `Germany`. */
  readonly place: string
  /** Approximate: `Firefox on Linux`. */
  readonly device: string
  readonly product: string
  /** The page that secures the account, or helps to. */
  readonly helpLink?: URL | undefined
}

/** A security notice. Holds no secret and no full address. Source: ASVS 5 6.3.5, 6.3.7, NIST SP 800-63B-4 section 4.6. */
export function renderSecurityNotice(notice: SecurityNotice): Rendered {
  const product = shownText(notice.product)
  const { subject, heading, told, cure } = securityEvents[notice.event]
  return renderLetter({
    language: 'en',
    product,
    subject: subject(product),
    preview: 'If it was you, all is well. If not, act now.',
    heading,
    greeting: greet(strangersText(notice.name)),
    opening: [told(product)],
    facts: { title: 'Where it came from', rows: requestFacts(notice.occurredAt, notice) },
    doubt: {
      title: 'Not you?',
      body: cure,
      link: notice.helpLink && { label: 'Secure my account', url: notice.helpLink },
    },
    reason: `${product} sends this whenever it happens; it cannot be switched off.`,
  })
}
