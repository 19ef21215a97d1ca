import { isCommon } from './common.ts'
import { derivatives } from './derivative.ts'
import type { PasswordFault, PasswordFaultCode } from './fault.ts'
import { normalizePassword } from './normalize.ts'
import { contextWords, isMadeFrom, isWordInside, personalWords } from './personal.ts'

/**
 * `classic` (default of the product): 8 or more characters of four classes, a known deviation from OWASP ASVS 5 6.2.5.
 * `modern`: no classes; 15 or more, or 8 or more beside a second factor (NIST SP 800-63B-4 3.1.1.2).
 */
export type PasswordProfile = 'classic' | 'modern'

/** What a password is judged by. */
export interface PasswordRules {
  readonly profile: PasswordProfile
  /** In code points. May only raise the profile's own minimum. */
  readonly minimumLength?: number
  /** Address of the account; empty where there is none. */
  readonly email: string
  /** Name of the person; empty where there is none. */
  readonly name: string
  /** Names of the service, its product and its domains. */
  readonly contextWords: readonly string[]
  /** Whether the account has an active second factor. */
  readonly secondFactor: boolean
}

/** Code points of the NFC form. ASVS 6.2.9 asks for 64 at least; nothing is ever cut. */
export const passwordLengthMost = 128

/** UTF-16 units as received. No password of 128 code points needs more, and beyond it nothing else is looked at. */
const unitsMost = 1024

/**
 * Judges a password that somebody wants to set. Answers every broken rule at once, in a fixed order; none means that it
 * may be used, unless a breach check says otherwise. Pure, but for the list of common passwords that the first call reads.
 * Length is counted in code points of the NFC form. Takes under a millisecond, 3 ms at worst.
 */
export function checkPassword(password: string, rules: PasswordRules): PasswordFault[] {
  if (password.length > unitsMost) return [faultOf('password_too_long')]
  const text = normalizePassword(password)
  const length = [...text].length
  const minimum = minimumOf(rules)
  const broken: PasswordFaultCode[] = []
  if (length > passwordLengthMost) broken.push('password_too_long')
  if (text.includes('\0')) broken.push('password_has_nul')
  if (!text.isWellFormed()) broken.push('password_not_unicode')
  if (rules.profile === 'classic') broken.push(...missingClasses(text))
  if (length <= passwordLengthMost) broken.push(...guessable(text, rules))
  const faults = broken.map(faultOf)
  return length < minimum ? [tooShort(minimum), ...faults] : faults
}

function minimumOf({ profile, secondFactor, minimumLength = 0 }: PasswordRules): number {
  return Math.max(profile === 'modern' && !secondFactor ? 15 : 8, minimumLength)
}

/** Letters of any script that has two cases; a combining mark belongs to its letter; everything else is special. */
function missingClasses(text: string): PasswordFaultCode[] {
  const missing: PasswordFaultCode[] = []
  if (!/[\p{Lu}\p{Lt}]/u.test(text)) missing.push('password_needs_upper')
  if (!/\p{Ll}/u.test(text)) missing.push('password_needs_lower')
  if (!/\p{Nd}/u.test(text)) missing.push('password_needs_digit')
  if (!/[^\p{L}\p{M}\p{Nd}]/u.test(text)) missing.push('password_needs_special')
  return missing
}

function guessable(text: string, rules: PasswordRules): PasswordFaultCode[] {
  const found: PasswordFaultCode[] = []
  const forms = derivatives(text)
  const modern = rules.profile === 'modern'
  // Looking inside a password goes beyond NIST's comparison of the whole, so only the classic profile does it.
  const holds = (words: ReadonlySet<string>) => isMadeFrom(words, forms) || (!modern && isWordInside(words, text))
  // Pairs of words are how long passwords are common; classic ones are judged by their classes instead.
  if (isCommon(forms, { pairs: modern })) found.push('password_common')
  if (holds(personalWords(rules))) found.push('password_personal')
  if (holds(contextWords(rules.contextWords))) found.push('password_context')
  return found
}

function tooShort(minimum: number): PasswordFault {
  return {
    code: 'password_too_short',
    detail: `must have at least ${minimum} characters; a few unrelated words do well`,
  }
}

const details: Partial<Record<PasswordFaultCode, string>> = {
  password_too_long: `must have at most ${passwordLengthMost} characters`,
  password_has_nul: 'must not hold the character NUL (U+0000)',
  password_not_unicode: 'must be whole Unicode text; it holds half of a character',
  password_needs_upper: 'must hold an upper-case letter',
  password_needs_lower: 'must hold a lower-case letter',
  password_needs_digit: 'must hold a digit',
  password_needs_special: 'must hold a character that is neither letter nor digit, such as - or a space',
  password_common: 'is among those that are guessed first, also when letters, digits or symbols are swapped or added',
  password_personal: 'must not be made from your name or e-mail address: others know them',
  password_context: 'must not be made from the name of this service: it is tried first',
}

function faultOf(code: PasswordFaultCode): PasswordFault {
  return { code, detail: details[code] ?? '' }
}
