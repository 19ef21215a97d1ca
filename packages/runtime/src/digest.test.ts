import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256, sameBytes, sha256 } from './digest.ts'

test('sha256 agrees with FIPS 180-4 and takes text as UTF-8', () => {
  expect(sha256('').toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(sha256('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256('ä')).toEqual(sha256(Uint8Array.of(0xc3, 0xa4)))
})

test('hmacSha256 agrees with RFC 4231, test case 2', () => {
  expect(hmacSha256(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('sameBytes is equality, and unequal lengths are false instead of an exception', () => {
  expect(sameBytes(Buffer.from('a'), Buffer.from('ab'))).toBe(false)
  expect(sameBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (a, b) => {
      expect(sameBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
      expect(sameBytes(a, Uint8Array.from(a))).toBe(true)
    }),
  )
})
