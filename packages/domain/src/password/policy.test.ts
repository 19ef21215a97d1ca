import { describe, expect, test } from 'vitest'
import { checkPassword, type PasswordRules } from './policy.ts'

const classic: PasswordRules = {
  profile: 'classic',
  email: 'jane.doe@acme.example.com',
  name: 'Jane Zo\u00eb Doe',
  contextWords: ['Portcullis', 'portcullis.example'],
  secondFactor: false,
}
const modern: PasswordRules = { ...classic, profile: 'modern' }
const codes = (password: string, rules = classic) => checkPassword(password, rules).map((fault) => fault.code)

describe('the classic profile', () => {
  test.each([
    'Sunny-Harbour-42!',
    'Correct-Horse-7',
    'xK9$mQ2!',
    'Tulip Orbit 77',
    '\u00c9t\u00e9-r7 wk\u00f8',
    '\u0416\u0443\u043a-9-\u043d\u0435\u0431\u043e',
  ])('takes %s', (password) => expect(codes(password)).toEqual([]))

  test('tells every broken rule at once', () => {
    expect(codes('jane')).toEqual([
      'password_too_short',
      'password_needs_upper',
      'password_needs_digit',
      'password_needs_special',
      'password_common',
      'password_personal',
    ])
    expect(codes('\0')).toContain('password_has_nul')
  })

  test.each([
    ['xk9$mq2!', 'password_needs_upper'],
    ['XK9$MQ2!', 'password_needs_lower'],
    ['xKw$mQb!', 'password_needs_digit'],
    ['xK9wmQ2b', 'password_needs_special'],
  ])('asks for the class that %s lacks', (password, code) => expect(codes(password)).toEqual([code]))

  test('knows the classes of every script, and a space as special', () => {
    expect(codes('\u0416\u0443\u043a \u0663\u043d\u0435\u0431\u043e')).toEqual([])
    // A combining mark belongs to its letter: x with circumflex has no composed form.
    expect(codes('xK9wmQ2x\u0302')).toEqual(['password_needs_special'])
  })

  test.each([
    ['P@ssw0rd1!', 'password_common'],
    ['Password1!', 'password_common'],
    ['Qwerty123!', 'password_common'],
    ['12345678Aa!', 'password_common'],
    ['12May1990!', 'password_common'],
    ['Dragon-17/11/1973', 'password_common'],
    ['M0nkey123456789!', 'password_common'],
    ['p.a.S.s.w.0.r.d!', 'password_common'],
    ['Hell0123!', 'password_common'],
    ['Zebra2019#Zebra2019#', 'password_common'],
    ['aB3$aB3$aB3$', 'password_common'],
    ['\uff30assword1!', 'password_common'],
    ['Portcullis2026!', 'password_context'],
    ['my-P0rtcu11is-9', 'password_context'],
    ['jane.doeA1!', 'password_personal'],
    ['Doe.Jane.77', 'password_personal'],
    ['Xx9-j4ne-qqw', 'password_personal'],
    ['Acme-rocket-5', 'password_personal'],
    ['Jane.Doe@acme.example.com1', 'password_personal'],
  ])('refuses %s, complex as it looks, as %s', (password, code) => expect(codes(password)).toContain(code))

  test('does not let a short word in much that is random count against a password', () => {
    expect(codes('Dog-4821-9937-0042!')).toEqual([])
    expect(codes('Doe-4821-9937-0042!')).toEqual([])
  })

  test('looks at the owner of the account, not at others', () => {
    expect(codes('Jane-4-harbours!')).toEqual(['password_personal'])
    expect(codes('Jane-4-harbours!', { ...classic, email: '', name: '' })).toEqual([])
  })
})

describe('the modern profile', () => {
  test('asks for 15 characters alone and 8 beside a second factor, of any kind', () => {
    expect(codes('vqmtwzkrhpxnbd', modern)).toEqual(['password_too_short'])
    expect(codes('vqmtwzkrhpxnbdq', modern)).toEqual([])
    expect(codes('vqmtwzk', { ...modern, secondFactor: true })).toEqual(['password_too_short'])
    expect(codes('vqmtwzkr', { ...modern, secondFactor: true })).toEqual([])
  })

  test.each([
    'correct horse battery staple',
    'elephantcalendar',
    'dog-48219937-48219937',
    '}~{)(-;:,.<>*&^%',
    'a}~{)(-;:,.<>*&b',
    '839201748392017',
    '\u043b\u043e\u0448\u0430\u0434\u044c \u0438 \u043c\u043e\u0440\u0435 \u043d\u043e\u0447\u044c\u044e',
  ])('takes %s', (password) => expect(codes(password, modern)).toEqual([]))

  test.each([
    ['passwordpassword', 'password_common'],
    ['password123456789', 'password_common'],
    ['123456789012345', 'password_common'],
    ['17111973-17111973', 'password_common'],
    ['qwertyuiopasdfghjkl', 'password_common'],
    ['1qaz2wsx3edc4rfv5tgb', 'password_common'],
    ['sunshine sunshine', 'password_common'],
    ['dragonmaster2026!', 'password_common'],
    ['portcullis-2026!', 'password_context'],
    ['janezoedoe-2026!', 'password_personal'],
    ['doezoejane-2026!', 'password_personal'],
    ['jane.doe@acme.example.com', 'password_personal'],
  ])('refuses %s as %s', (password, code) => expect(codes(password, modern)).toContain(code))

  test('compares the whole password only: a name among other words is no reason', () => {
    expect(codes('jane rows over the lake', modern)).toEqual([])
    expect(codes('portcullis of the old castle', modern)).toEqual([])
  })

  test('refuses the local part with letters, digit and symbol hung on', () => {
    expect(codes('jane.doeA1!', { ...modern, secondFactor: true })).toContain('password_personal')
  })
})

describe('the length of a password', () => {
  const strong = (length: number) => 'xK9$'.padEnd(length, 'qwmzvhtrbnpdgfjc')

  test.each([
    [7, ['password_too_short']],
    [8, []],
    [64, []],
    [128, []],
    [129, ['password_too_long']],
  ])('%i code points: %j', (length, expected) => expect(codes(strong(length))).toEqual(expected))

  test('is counted in code points of the NFC form', () => {
    // Two code points, four UTF-16 units, eight octets each.
    const thumbs = '\u{1f44d}\u{1f3fd}'
    expect(codes(`aB3${thumbs}${thumbs}`)).toEqual(['password_too_short'])
    expect(codes(`aB3k${thumbs}${thumbs}`)).toEqual([])
    expect(codes('xK9$mQ2e\u0301')).toEqual([])
    expect(codes('xK9$mQe\u0301')).toEqual(['password_too_short'])
    expect(codes('xK9$mQe\u0301'.normalize('NFC'))).toEqual(['password_too_short'])
    expect(codes(`xK9$${thumbs.repeat(62)}`)).toEqual([])
  })

  test('may be raised by configuration, never lowered', () => {
    expect(codes(strong(11), { ...classic, minimumLength: 12 })).toEqual(['password_too_short'])
    expect(codes(strong(12), { ...classic, minimumLength: 12 })).toEqual([])
    expect(codes(strong(7), { ...classic, minimumLength: 4 })).toEqual(['password_too_short'])
  })

  test('of a megabyte is refused without being looked at', () => {
    expect(codes('x'.repeat(1_000_000))).toEqual(['password_too_long'])
  })
})

describe('every refusal', () => {
  test('names NUL and half characters', () => {
    expect(codes('xK9$mQ2!\0wk')).toEqual(['password_has_nul'])
    expect(codes('xK9$mQ2!\ud800wk')).toEqual(['password_not_unicode'])
  })

  test('says in words what to do, without the password', () => {
    const faults = ['jane', 'Canary1!', '\0', 'x'.repeat(2000), '\ud800', 'Portcullis1!'].flatMap((one) =>
      checkPassword(one, classic),
    )
    expect(faults.length).toBeGreaterThan(10)
    for (const { detail } of faults) {
      expect(detail).toMatch(/^(?:must|is) .{10,}/)
      expect(detail.toLowerCase()).not.toMatch(/canary|jane/)
    }
  })
})
