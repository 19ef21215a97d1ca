import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBackupCode, newBackupCodes, readBackupCode } from './backup-code.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('a new set', () => {
  test('has ten codes, one for each digit, of 80 bits each, and no two are ever alike', () => {
    const sets = Array.from({ length: 200 }, () => newBackupCodes())
    for (const set of sets) {
      expect(set.map((one) => one.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const { code } of set) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/)
    }
    expect(new Set(sets.flat().map((one) => one.code)).size).toBe(2000)
  })

  test('uses all 32 characters, and each place uses many', () => {
    const codes = Array.from({ length: 100 }, () => newBackupCodes())
      .flat()
      .map((one) => one.code)
    for (let place = 0; place < 16; place += 1) {
      // 1000 draws of 32: that one is missing happens once in 10^12.
      expect([...new Set(codes.map((code) => code.charAt(place)))].toSorted().join('')).toBe(alphabet)
    }
  })
})

describe('a code as typed', () => {
  const code = { index: 3, code: 'ABCDEFGHJKMN0123' }

  test.each([
    '3-ABCD-EFGH-JKMN-0123',
    '3abcdefghjkmn0123',
    '  3 abcd efgh jkmn 0123\n',
    '3.ABCD_EFGH.JKMN.0123',
    '3-ABCD-EFGH-JKMN-OI23',
    '3-abcd-efgh-jkmn-ol23',
  ])('%j is read', (text) => expect(readBackupCode(text)).toEqual(code))

  test('its digit may be mistyped in the same ways', () => {
    expect(readBackupCode('O-ABCD-EFGH-JKMN-0123')?.index).toBe(0)
    expect(readBackupCode('l-ABCD-EFGH-JKMN-0123')?.index).toBe(1)
  })

  test.each([
    ['', 'nothing'],
    ['3ABCDEFGHJKMN012', 'too short'],
    ['3ABCDEFGHJKMN01234', 'too long'],
    ['A-ABCD-EFGH-JKMN-0123', 'no digit first'],
    ['3-ABCU-EFGH-JKMN-0123', 'U is not in the alphabet'],
    ['3-ABC\u0131-EFGH-JKMN-0123', 'a dotless i'],
    ['3-ABC\u017f-EFGH-JKMN-0123', 'a long s'],
    ['\uff13-ABCD-EFGH-JKMN-0123', 'a full-width digit'],
    ['3-ABCD-EFGH-JKMN-0123;', 'a sign'],
    ['3-ABCD-EFGH-JKMN-0123\0', 'a NUL'],
    ['081804', 'a TOTP code'],
  ])('%j (%s) is not', (text) => expect(readBackupCode(text)).toBeUndefined())

  test('after a million spaces is not', () => {
    expect(readBackupCode(`${' '.repeat(1_000_000)}3-ABCD-EFGH-JKMN-0123`)).toBeUndefined()
  })
})

test('every code comes back from its form for people, however it is typed', () => {
  const letter = fc.constantFrom(...alphabet)
  const separator = fc.constantFrom('', ' ', '-', '.', '_', '\t')
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.array(letter, { minLength: 16, maxLength: 16 }),
      fc.array(separator, { minLength: 17, maxLength: 17 }),
      fc.boolean(),
      (index, letters, separators, lower) => {
        const code = { index, code: letters.join('') }
        expect(formatBackupCode(code)).toMatch(/^[0-9](?:-[0-9A-HJKMNP-TV-Z]{4}){4}$/)
        expect(readBackupCode(formatBackupCode(code))).toEqual(code)
        const typed = [String(index), ...letters].map((one, place) => one + separators[place]).join('')
        expect(readBackupCode(lower ? typed.toLowerCase() : typed)).toEqual(code)
      },
    ),
  )
})
