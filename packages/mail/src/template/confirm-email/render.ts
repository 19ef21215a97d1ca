import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the mail that confirms an address tells. The name is the choice of whoever registered. */
export interface ConfirmEmail {
  readonly language: Language
  readonly name: string
  /** Opens the page that confirms the address. Holds the token. */
  readonly link: URL
  readonly validHours: number
  readonly product: string
}

/** The mail that confirms an address; the account is made when its link is used. */
export function renderConfirmEmail(confirm: ConfirmEmail): Rendered {
  const { language } = confirm
  const { letter, confirmEmail: words } = wordsOf(language)
  const product = shownText(confirm.product)
  const life = letter.hours(confirm.validHours)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview(life),
    heading: words.heading,
    greeting: letter.greet(strangersText(confirm.name)),
    opening: [words.opening(product)],
    action: { label: words.action, url: confirm.link, note: words.note(life) },
    doubt: { title: letter.notYou, body: words.doubt },
    reason: words.reason(product),
  })
}
