import { commonPasswords } from './common-list.ts'
import { isCalendarWord, isRun, repeatedUnit } from './predictable.ts'

/** Two words of so many most common ones make 9 million pairs, which is 23 bits. */
const pairRankMost = 3000

/**
 * Judges the `derivatives` of a password: true where one is on the list of common passwords, is a run of neighbours
 * (`abcdefgh`), repeats up to 3 characters, is a date (`12May1990!`), or is no more than two letters with predictable digits and symbols.
 * `pairs` also finds two of the 3,000 most common run together, as long passwords often are.
 * Source: NIST SP 800-63B-4 3.1.1.2; OWASP ASVS 5 6.2.4.
 */
export function isCommon(forms: ReadonlySet<string>, { pairs }: { readonly pairs: boolean }): boolean {
  return [...forms].some((form) => isCommonForm(form) || (pairs && isPair(form)))
}

function isCommonForm(form: string): boolean {
  if (form.length <= 2 || isRun(form) || isCalendarWord(form)) return true
  return (repeatedUnit(form)?.length ?? Infinity) <= 3 || commonPasswords().rank(form) !== undefined
}

function isPair(form: string): boolean {
  for (let cut = 3; cut <= form.length - 3; cut += 1) {
    if (isPopular(form.slice(0, cut)) && isPopular(form.slice(cut))) return true
  }
  return false
}

function isPopular(part: string): boolean {
  return (commonPasswords().rank(part) ?? Infinity) < pairRankMost || (part.length > 3 && isRun(part))
}
