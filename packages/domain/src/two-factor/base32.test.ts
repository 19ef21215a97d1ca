import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase32, encodeBase32 } from './base32.ts'

/** RFC 4648 section 10. */
const vectors: [string, string][] = [
  ['f', 'MY======'],
  ['fo', 'MZXQ===='],
  ['foo', 'MZXW6==='],
  ['foob', 'MZXW6YQ='],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI======'],
]

describe('known answers', () => {
  test.each(vectors)('%j is %s, read with its padding and without, and written without', (plain, coded) => {
    const bare = coded.replaceAll('=', '')
    expect(encodeBase32(Buffer.from(plain))).toBe(bare)
    expect(decodeBase32(coded)?.toString()).toBe(plain)
    expect(decodeBase32(bare)?.toString()).toBe(plain)
  })

  test('the seeds of RFC 6238 and of the key URI format are what is published', () => {
    expect(encodeBase32(Buffer.from('12345678901234567890'))).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(decodeBase32('JBSWY3DPEHPK3PXP')?.toString('hex')).toBe('48656c6c6f21deadbeef')
    expect(encodeBase32(Buffer.alloc(0))).toBe('')
  })
})

test('what a person types is read: lower case, groups, hyphens', () => {
  expect(decodeBase32(' mzxw 6ytb-oi ')?.toString()).toBe('foobar')
})

test.each([
  ['nothing', ''],
  ['spaces only', '  '],
  ['padding only', '========'],
  ['zero', 'MZXW6YT0'],
  ['one', 'MZXW6YT1'],
  ['eight', 'MZXW6YT8'],
  ['nine', 'MZXW6YT9'],
  ['padding inside', 'MZ=XW6YT'],
  ['padding between two values', 'MY======MY======'],
  ['part of the padding', 'MY=='],
  ['too much padding', 'MZXW6YTB========'],
  ['one padding too many', 'MZXW6YTB='],
  ['a length of 1', 'M'],
  ['a length of 3', 'MZX'],
  ['a length of 6', 'MZXW6Y'],
  ['a length of 9', 'MZXW6YTBM'],
  ['a length of 3, padded to 8', 'MZX====='],
  ['a length of 1, padded to 8', 'M======='],
  ['bits left over', 'MZ'],
  ['bits left over, padded', 'MZ======'],
  ['a dotless i, which would fold to I', 'MZXW6YTBO\u0131'],
  ['full-width letters', '\uff2d\uff39'],
  ['a line feed', 'MY\n'],
  ['a prefix', '0xMY'],
])('%s is refused', (_what, text) => {
  expect(decodeBase32(text)).toBeUndefined()
})

test('fewer bytes than asked for are refused, as is more text than any secret has', () => {
  expect(decodeBase32(encodeBase32(Buffer.alloc(15)), 16)).toBeUndefined()
  expect(decodeBase32(encodeBase32(Buffer.alloc(16)), 16)).toHaveLength(16)
  expect(decodeBase32('A'.repeat(1024))).toHaveLength(640)
  expect(decodeBase32('A'.repeat(1032))).toBeUndefined()
})

test('every byte string comes back, and every text that is read is the one spelling of its bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
      expect(decodeBase32(encodeBase32(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABMYZ27'), minLength: 1, maxLength: 24 }), (text) => {
      const bytes = decodeBase32(text)
      expect(bytes === undefined ? text : encodeBase32(bytes)).toBe(text)
    }),
  )
})
