import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts, type RequestOrigin } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the owner of an account is told when somebody registers with the same address. `name` is the owner's. */
export interface AccountExists extends RequestOrigin {
  readonly language: Language
  readonly name: string
  /** The page where one asks for a reset. Holds no token. */
  readonly resetLink?: URL | undefined
  readonly requestedAt: Date
  readonly product: string
}

/** The mail instead of a confirmation, so that the answer to a registration tells a stranger nothing (ASVS 5 6.3.8). */
export function renderAccountExists(attempt: AccountExists): Rendered {
  const { language } = attempt
  const { letter, accountExists: words } = wordsOf(language)
  const product = shownText(attempt.product)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview,
    heading: words.heading,
    greeting: letter.greet(strangersText(attempt.name)),
    opening: words.opening(product),
    action: attempt.resetLink && { label: words.action, url: attempt.resetLink, note: words.note },
    facts: { title: words.factsTitle, rows: requestFacts(attempt.requestedAt, attempt, language) },
    doubt: { title: letter.notYou, body: words.doubt },
    reason: words.reason(product),
  })
}
