import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts, type RequestOrigin } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the old address is told when another one took its place. */
export interface EmailChanged extends RequestOrigin {
  readonly language: Language
  readonly name: string
  /** Opens the page that takes the change back. Holds the token. */
  readonly revertLink: URL
  readonly validDays: number
  readonly changedAt: Date
  readonly product: string
}

/** The mail by which the old mailbox can take a change of address back. Does not name the new address. */
export function renderEmailChanged(change: EmailChanged): Rendered {
  const { language } = change
  const { letter, emailChanged: words } = wordsOf(language)
  const product = shownText(change.product)
  const life = letter.days(change.validDays)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview(life),
    heading: words.heading,
    greeting: letter.greet(strangersText(change.name)),
    opening: words.opening(product),
    action: { label: words.action, url: change.revertLink, note: words.note(life) },
    facts: { title: words.factsTitle, rows: requestFacts(change.changedAt, change, language) },
    doubt: { title: words.doubtTitle, body: words.doubt(life) },
    reason: words.reason(product),
  })
}
