import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkEd25519 } from './ed25519.ts'

const p = (1n << 255n) - 19n

function encode(y: bigint, sign: 0 | 1 = 0): Buffer {
  const bytes = Buffer.from((y + (BigInt(sign) << 255n)).toString(16).padStart(64, '0'), 'hex')
  return bytes.reverse()
}

describe('checkEd25519', () => {
  test('takes the keys that OpenSSL makes', () => {
    for (let round = 0; round < 100; round += 1) {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
      expect(checkEd25519(Buffer.from(x!, 'base64url'))).toBeUndefined()
    }
  })

  // The known encodings of the eight points of low order, those that are not reduced included, with either sign.
  test.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuses the point of low order %s', (hex) => {
    const key = Buffer.from(hex, 'hex')
    expect(checkEd25519(key)).toBe('ssh_ed25519_low_order')
    key[31]! ^= 0x80
    expect(checkEd25519(key)).toBe('ssh_ed25519_low_order')
  })

  test('refuses a point that is not reduced, and one that is not on the curve', () => {
    const small = Array.from({ length: 19 }, (_, y) => BigInt(y))
    const onCurve = small.filter((y) => checkEd25519(encode(y)) === undefined)
    // 0 and 1 are of low order. Of the rest about half are on the curve; which ones was worked out apart from this code.
    expect(onCurve).toEqual([3n, 4n, 5n, 6n, 9n, 10n, 14n, 15n, 16n, 18n])
    for (const y of small.slice(2)) {
      expect(checkEd25519(encode(y, 1))).toBe(checkEd25519(encode(y)))
      expect(checkEd25519(encode(y + p))).toBe('ssh_ed25519_point')
    }
    expect(checkEd25519(encode(2n))).toBe('ssh_ed25519_point')
  })

  test.each([0, 31, 33, 64])('refuses %i bytes', (length) => {
    expect(checkEd25519(Buffer.alloc(length, 9))).toBe('ssh_ed25519_length')
  })
})
