import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts, type RequestOrigin } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the mail with a reset link tells. Names and places are hostile input; they are cleaned here. */
export interface PasswordReset extends RequestOrigin {
  readonly language: Language
  readonly name: string
  /** Opens the page that asks for the new password. Holds the token. */
  readonly link: URL
  readonly validMinutes: number
  readonly requestedAt: Date
  readonly product: string
  readonly supportUrl?: URL | undefined
}

/** The mail with a reset link. Source: OWASP Forgot Password cheat sheet, ASVS 5 6.4.3. */
export function renderPasswordReset(reset: PasswordReset): Rendered {
  const { language } = reset
  const { letter, passwordReset: words } = wordsOf(language)
  const product = shownText(reset.product)
  const life = letter.minutes(reset.validMinutes)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview(life),
    heading: words.heading,
    greeting: letter.greet(strangersText(reset.name)),
    opening: [words.opening(product)],
    action: { label: words.action, url: reset.link, note: words.note(life) },
    facts: { title: words.factsTitle, rows: requestFacts(reset.requestedAt, reset, language) },
    doubt: {
      title: letter.notYou,
      body: words.doubt,
      link: reset.supportUrl && { label: words.support, url: reset.supportUrl },
    },
    reason: words.reason(product),
  })
}
