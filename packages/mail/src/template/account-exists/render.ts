import { greet, renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the owner of an account is told when somebody registers with the same address. `name` is the owner's. */
export interface AccountExists {
  readonly name: string
  /** The page where one asks for a reset. Holds no token. */
  readonly resetLink?: URL | undefined
  readonly requestedAt: Date
  /** Approximate: `Hamburg, Germany`. */
  readonly place: string
  /** Approximate: `Firefox on Linux`. */
  readonly device: string
  readonly product: string
}

/** The mail instead of a confirmation, so that the answer to a registration tells a stranger nothing (ASVS 5 6.3.8). */
export function renderAccountExists(attempt: AccountExists): Rendered {
  const product = shownText(attempt.product)
  return renderLetter({
    language: 'en',
    product,
    subject: `Your address already has an account at ${product}`,
    preview: 'Somebody registered with your address. Nothing has changed.',
    heading: 'You already have an account',
    greeting: greet(strangersText(attempt.name)),
    opening: [
      `Somebody tried to open an account at ${product} with your address, which already has one. Nothing has changed.`,
      'If it was you, sign in as usual. If you no longer know your password, you can ask for a new one.',
    ],
    action: attempt.resetLink && {
      label: 'Ask for a new password',
      url: attempt.resetLink,
      note: 'The page asks for your address and sends you a link.',
    },
    facts: { title: 'Where the attempt came from', rows: requestFacts(attempt.requestedAt, attempt) },
    doubt: {
      title: 'Not you?',
      body: 'Then there is nothing you need to do. Your account is as it was, and nobody was told that it exists.',
    },
    reason: `${product} sent this because somebody registered with your address.`,
  })
}
