import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the mail to a new address tells. The name is the choice of whoever asked for the change. */
export interface ConfirmEmailChange {
  readonly language: Language
  readonly name: string
  /** Opens the page that confirms. Holds the token. */
  readonly link: URL
  readonly validHours: number
  readonly product: string
}

/** The mail that confirms a new address from its own mailbox. Names neither the account nor its present address. */
export function renderConfirmEmailChange(confirm: ConfirmEmailChange): Rendered {
  const { language } = confirm
  const { letter, confirmEmailChange: words } = wordsOf(language)
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
