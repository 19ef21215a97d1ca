import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the owner of an account is told when another one wanted the same address. `name` is the owner's. */
export interface EmailTaken {
  readonly language: Language
  readonly name: string
  readonly product: string
}

/** The mail in place of a confirmation, so that whoever asked learns nothing (ASVS 5 6.3.8). Holds no link. */
export function renderEmailTaken({ language, name, ...told }: EmailTaken): Rendered {
  const { letter, emailTaken: words } = wordsOf(language)
  const product = shownText(told.product)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview,
    heading: words.heading,
    greeting: letter.greet(strangersText(name)),
    opening: words.opening(product),
    doubt: { title: letter.notYou, body: words.doubt },
    reason: words.reason(product),
  })
}
