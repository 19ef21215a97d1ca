import { commonPasswords } from './common-list.ts'

/** Alphabets, keyboard rows (US, French, German, Russian) and columns, walked in either direction. */
const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  'qwertzuiop',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  'абвгдеёжзийклмнопрстуфхцчшщъыьэюя',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю',
]
const walks = [...rows, ...rows.map((row) => [...row].toReversed().join(''))]

const calendar = new Set(
  (
    'january february march april may june july august september october november december ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec ' +
    'monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun ' +
    'spring summer autumn fall winter'
  ).split(' '),
)

/** True for an English word that dates are written with: a month, a day of the week, a season. */
export function isCalendarWord(text: string): boolean {
  return calendar.has(text)
}

/** True for 3 or more neighbours of an alphabet, the digits or a keyboard row: `abcdef`, `9876`, `asdfgh`. */
export function isRun(text: string): boolean {
  return text.length >= 3 && walks.some((walk) => walk.includes(text))
}

/** The shortest part that `text` repeats: `abc` for `abcabc`, `a` for `aaaa`; `undefined` where it repeats nothing. */
export function repeatedUnit(text: string): string | undefined {
  const length = (text + text).indexOf(text, 1)
  return length > 0 && length < text.length ? text.slice(0, length) : undefined
}

/**
 * True for what people hang on a word to please a rule: nothing; up to 4 digits; a date; digits in sequence, repeated or on
 * the list of common passwords; with up to 3 symbols, or one symbol repeated. `affix` holds no letters.
 */
export function isPredictableAffix(affix: string): boolean {
  const digits = affix.replaceAll(/\P{Nd}/gu, '')
  const symbols = affix.replaceAll(/\p{Nd}/gu, '')
  return isPredictableNumber(digits) && (symbols.length <= 3 || repeatedUnit(symbols)?.length === 1)
}

function isPredictableNumber(digits: string): boolean {
  if (digits.length <= 4 || isRun(digits) || isDate(digits)) return true
  const unit = repeatedUnit(digits)
  return commonPasswords().rank(digits) !== undefined || (unit !== undefined && isPredictableNumber(unit))
}

/** Six or eight digits that are a day in one of the usual orders, the year with two digits or as 19xx or 20xx. */
function isDate(digits: string): boolean {
  const day = '(?:0[1-9]|[12]\\d|3[01])'
  const month = '(?:0[1-9]|1[0-2])'
  const year = digits.length === 8 ? '(?:19|20)\\d\\d' : '\\d\\d'
  return new RegExp(`^(?:${day}${month}${year}|${month}${day}${year}|${year}${month}${day})$`).test(digits)
}
