import { greet, renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the owner is told after the password was changed. */
export interface PasswordChanged {
  readonly name: string
  readonly changedAt: Date
  /** Approximate: `Hamburg, Germany`. */
  readonly place: string
  /** Approximate: `Firefox on Linux`. */
  readonly device: string
  readonly product: string
  /** The page that secures the account, or helps to. */
  readonly helpLink?: URL | undefined
}

/** The notice after a change of password. Holds neither the old nor the new one. Source: ASVS 5 6.3.7. */
export function renderPasswordChanged(change: PasswordChanged): Rendered {
  const product = shownText(change.product)
  const cure = change.helpLink ? 'Secure it' : 'Ask for a password reset'
  return renderLetter({
    language: 'en',
    product,
    subject: `Your ${product} password was changed`,
    preview: 'If it was you, all is well. If not, act now.',
    heading: 'Your password was changed',
    greeting: greet(strangersText(change.name)),
    opening: [
      `The password of your ${product} account was changed. Other devices that were signed in have been signed out.`,
    ],
    facts: { title: 'Where the change came from', rows: requestFacts(change.changedAt, change) },
    doubt: {
      title: 'Not you?',
      body: `Then somebody else may have your account. ${cure} now, and change the password of your mailbox as well.`,
      link: change.helpLink && { label: 'Secure my account', url: change.helpLink },
    },
    reason: `${product} sends this whenever a password changes; it cannot be switched off.`,
  })
}
