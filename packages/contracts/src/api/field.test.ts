import { describe, expect, it } from 'vitest'
import { emailField, nameField, passwordField, tokenField } from './field.ts'

describe('a name', () => {
  it.each(['Ada', 'José Ángel', 'Ольга', '李', "O'Neil-Smith", 'X Æ A-12'])('may be %s', (name) => {
    expect(nameField.safeParse(name).success).toBe(true)
  })

  it.each([
    ['a line feed', 'Ada\nBcc: x@y.example'],
    ['a carriage return', 'Ada\rX'],
    ['NUL', 'Ada\0'],
    ['an escape sequence', 'Ada\u001b[31m'],
    ['a next-line control', 'Ada\u0085X'],
    ['a line separator', 'Ada\u2028X'],
    ['a zero-width space', 'A\u200bda'],
    ['a soft hyphen', 'A\u00adda'],
    ['a right-to-left override', 'Ada\u202egnp'],
    ['an invisible tag', 'Ada\u{e0041}'],
    ['half a character', 'Ada\ud83d'],
    ['a byte order mark', '\ufeffAda'],
  ])('must not hold %s', (_what, name) => {
    expect(nameField.safeParse(name).success).toBe(false)
  })

  it.each(['', ' ', '\u3000', '\u0301', 'a'.repeat(101)])(
    'must hold something to be seen, and 100 characters at most: %j',
    (name) => {
      expect(nameField.safeParse(name).success).toBe(false)
    },
  )
})

describe('other fields', () => {
  it('keep what was sent as it was sent', () => {
    expect(passwordField.parse('  ﬁ\u0000e\u0301  ')).toBe('  ﬁ\u0000e\u0301  ')
    expect(emailField.parse('Ada@Example.COM')).toBe('Ada@Example.COM')
    expect(tokenField.parse(' a ')).toBe(' a ')
  })

  it('are bounded before anything else looks at them', () => {
    expect(passwordField.safeParse('a'.repeat(1025)).success).toBe(false)
    expect(emailField.safeParse(`${'a'.repeat(250)}@x.example`).success).toBe(false)
    expect(tokenField.safeParse('a'.repeat(513)).success).toBe(false)
  })
})
