import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from './language/words-of.ts'
import { renderLayout } from './layout.ts'
import type { Rendered } from './rendered.ts'
import { shownText } from './shown-text.ts'
import { renderText } from './text.ts'

/** A line of what is known: `Device: Firefox on Linux`. */
export interface Fact {
  readonly label: string
  readonly value: string
}

/** A link and the words that stand on it. */
export interface LetterLink {
  readonly label: string
  readonly url: URL
}

/** What a mail says, before it has a form. Both forms, HTML and text, are made of it, so they always say the same. */
export interface Letter {
  readonly language: Language
  /** Name of the product, which stands at the head and the foot. */
  readonly product: string
  readonly subject: string
  /** What an inbox shows beside the subject. */
  readonly preview: string
  readonly heading: string
  readonly greeting: string
  readonly opening: readonly string[]
  /** The one thing to do, with a note about its limits. */
  readonly action?: (LetterLink & { readonly note: string }) | undefined
  readonly facts?: { readonly title: string; readonly rows: readonly Fact[] } | undefined
  /** What to do when the reader did not expect this mail. */
  readonly doubt: { readonly title: string; readonly body: string; readonly link?: LetterLink | undefined }
  /** Why this mail was sent, at its foot. */
  readonly reason: string
}

/** Gives a letter its two forms. */
export function renderLetter(letter: Letter): Rendered {
  const signed = { ...letter, reason: `${letter.reason} ${wordsOf(letter.language).letter.promise}` }
  return { subject: shownText(letter.subject, 120), text: renderText(signed), html: renderLayout(signed) }
}
