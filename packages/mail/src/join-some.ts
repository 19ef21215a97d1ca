import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from './language/words-of.ts'

const shownMost = 5

/** Different texts in one line, at most five of them: `Germany, France, 3 more`. Empty where there is none. */
export function joinSome(texts: readonly string[], language: Language): string {
  const all = [...new Set(texts)].filter((text) => text !== '')
  if (all.length <= shownMost) return all.join(', ')
  return [...all.slice(0, shownMost), wordsOf(language).letter.more(all.length - shownMost)].join(', ')
}
