import type { Language } from '@portcullis/contracts/language'
import { de } from './de/words.ts'
import { en } from './en/words.ts'
import type { Words } from './words.ts'

/** Each language has every word, or this does not compile. */
const wordsByLanguage: Readonly<Record<Language, Words>> = { en, de }

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return wordsByLanguage[language]
}
