import type { Language } from '@portcullis/contracts/language'
import type { Fact } from './letter.ts'
import { placeText } from './origin.ts'
import { formatMoment } from './moment.ts'
import { joinSome } from './join-some.ts'
import { strangersText } from './shown-text.ts'
import type { DetailWords } from './language/letter-words.ts'
import { wordsOf } from './language/words-of.ts'

/** What a mail may show of the details of a notice, in this order. Anything else in them is not for mails. */
const detailNames = [
  'name',
  'left',
  'failures',
  'inactiveDays',
  'formerCountry',
  'minutesBetween',
  'expiresAt',
  'dueAt',
  'role',
  'sessions',
  'apiKeys',
  'sshKeys',
  'restored',
  'reference',
] as const satisfies readonly (keyof DetailWords)[]

/** The details of one or several notices as lines of a mail: each line with what is different in them. */
export function detailFacts(details: readonly Readonly<Record<string, unknown>>[], language: Language): Fact[] {
  return detailNames.flatMap((name) => {
    const values = details.flatMap((one) => detailText(name, one[name], language) || [])
    const value = joinSome(values, language)
    return value === '' ? [] : [{ label: wordsOf(language).letter.details[name], value }]
  })
}

/** Empty for what is not there, or not fit to be shown. */
function detailText(name: keyof DetailWords, value: unknown, language: Language): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') return ''
  if (name === 'formerCountry') return placeText(value, language)
  if (name !== 'expiresAt' && name !== 'dueAt') return strangersText(value)
  const at = new Date(value)
  return Number.isNaN(at.getTime()) ? '' : formatMoment(at, language)
}
