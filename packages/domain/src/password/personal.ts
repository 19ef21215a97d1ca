import { domainToUnicode } from 'node:url'
import { fold, spellings } from './derivative.ts'

/** A word shorter than this is only looked for as the whole password, never inside it. */
const insideCharactersLeast = 4
const wordCharactersLeast = 3

/**
 * The words that are about one person: address, local part and its parts, domain labels but the last, names, names run
 * together in either order. Folded. Empty inputs give none.
 */
export function personalWords({ email, name }: { readonly email: string; readonly name: string }): ReadonlySet<string> {
  const at = email.lastIndexOf('@')
  const host = email.slice(at + 1)
  const labels = at === -1 ? [] : (domainToUnicode(host) || host).split('.').slice(0, -1)
  const names = partsOf(name)
  return usable([...wordsOf([email, email.slice(0, Math.max(at, 0)), name, ...labels]), names.toReversed().join('')])
}

/** The words of the service itself: each as it is, its parts, and run together. Folded. Source: OWASP ASVS 5 6.1.2, 6.2.11. */
export function contextWords(texts: readonly string[]): ReadonlySet<string> {
  return usable(wordsOf(texts))
}

/**
 * True where one of the `derivatives` of a password is one of `words`, give or take two letters (`lovelaceA1!` for `lovelace`).
 * Source: NIST SP 800-63B-4 3.1.1.2 (the entire password is compared).
 */
export function isMadeFrom(words: ReadonlySet<string>, forms: ReadonlySet<string>): boolean {
  return [...forms].some((form) => [...words].some((word) => isNearly(form, word)))
}

/** True where a word of 4 or more characters stands anywhere in `password`, in either case, in leet or with separators. */
export function isWordInside(words: ReadonlySet<string>, password: string): boolean {
  const long = [...words].filter((word) => lengthOf(word) >= insideCharactersLeast)
  return [...spellings(fold(password))].some((form) => long.some((word) => form.includes(word)))
}

function isNearly(form: string, word: string): boolean {
  if (form === word) return true
  if (lengthOf(word) < insideCharactersLeast || form.length - word.length > 2) return false
  return form.startsWith(word) || form.endsWith(word)
}

function wordsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [fold(text), ...partsOf(text), partsOf(text).join('')])
}

/** Runs of letters and digits, and the letters of each alone. */
function partsOf(text: string): string[] {
  return fold(text).match(/[\p{L}\p{M}\p{Nd}]+/gu) ?? []
}

function usable(found: readonly string[]): ReadonlySet<string> {
  const bare = found.map((word) => word.replaceAll(/^\p{Nd}+|\p{Nd}+$/gu, ''))
  return new Set([...found, ...bare].filter((word) => lengthOf(word) >= wordCharactersLeast))
}

function lengthOf(word: string): number {
  return [...word].length
}
