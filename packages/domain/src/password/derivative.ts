import { isPredictableAffix, repeatedUnit } from './predictable.ts'

/** How far a form may reach into the digits and symbols around the letters, so that `hell0123!` is seen as `hell0`. */
const reachMost = 8
const letter = /\p{L}/u
const leet: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '8': 'b',
  '3': 'e',
  '€': 'e',
  '6': 'g',
  '9': 'g',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
  '+': 't',
  '2': 'z',
}

/** Lower case, compatibility forms resolved and Latin, Greek and Cyrillic accents dropped: `Zoë` and `ＺＯＥ` are `zoe`. */
export function fold(text: string): string {
  const bare = text.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '')
  return bare.toLowerCase().normalize('NFC')
}

/** `text` as it is, with digits and symbols read as the letters they resemble (1 as i and as l), and each without separators. */
export function spellings(text: string): ReadonlySet<string> {
  const plain = [text, unleet(text, 'i'), unleet(text, 'l')]
  const joined = plain.map((form) => form.replaceAll(/[^\p{L}\p{Nd}]/gu, ''))
  // Where most of a form is symbols they are its substance, not separators.
  return new Set([...plain, ...joined.filter((form) => form.length * 2 >= text.length)])
}

/**
 * The words that a whole password is a disguise of: folded, read without leet, stripped of predictable digits and symbols
 * at both ends, a repetition taken once. `P@ssw0rd1!` gives `password` among others. What was stripped is always
 * predictable, so a short word with much random around it gives no form. The empty form stands for nothing but that.
 * Source: NIST SP 800-63B-4 3.1.1.2 (the entire password is compared, and its derivatives).
 */
export function derivatives(password: string): ReadonlySet<string> {
  const forms = new Set<string>()
  const whole = fold(password)
  for (const text of [whole, repeatedUnit(whole)]) {
    if (text === undefined) continue
    for (const core of cores(text)) {
      for (const form of spellings(core)) forms.add(form).add(repeatedUnit(form) ?? form)
    }
  }
  return forms
}

/** `text` itself, and every part that holds all its letters and leaves only predictable ends. */
function cores(text: string): ReadonlySet<string> {
  const found = new Set([text])
  const chars = [...text]
  const first = chars.findIndex((char) => letter.test(char))
  if (first === -1) return isPredictableAffix(text) ? found.add('') : found
  const last = chars.findLastIndex((char) => letter.test(char))
  const ends = reach(last + 1, Math.min(chars.length, last + 1 + reachMost)).filter((end) => isRest(chars, end))
  for (const start of reach(Math.max(0, first - reachMost), first)) {
    if (!isRest(chars, 0, start)) continue
    for (const end of ends) found.add(chars.slice(start, end).join(''))
  }
  return found
}

function isRest(chars: readonly string[], from: number, to?: number): boolean {
  return isPredictableAffix(chars.slice(from, to).join(''))
}

function reach(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function unleet(text: string, one: 'i' | 'l'): string {
  return Array.from(text, (char) => (/[1!|]/.test(char) ? one : (leet[char] ?? char))).join('')
}
