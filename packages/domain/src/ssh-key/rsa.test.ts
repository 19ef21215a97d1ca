import { generateKeyPairSync, generatePrimeSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bitLength, checkRsa } from './rsa.ts'
import { hasClosePrimes, hasRocaMark, hasSmallFactor } from './rsa-modulus.ts'

const e = 65_537n

/** An odd number of exactly `bits` bits that no small prime divides. Nobody knows its factors, which no check asks. */
function soundModulus(bits: number): bigint {
  for (;;) {
    const noise = BigInt(`0x${randomBytes(Math.ceil(bits / 8)).toString('hex')}`) % (1n << BigInt(bits - 1))
    const candidate = noise | (1n << BigInt(bits - 1)) | 1n
    if (!hasSmallFactor(candidate)) return candidate
  }
}

/** The next number from `from` on that no small prime divides. */
function nextSound(from: bigint): bigint {
  let candidate = from | 1n
  while (hasSmallFactor(candidate)) candidate += 2n
  return candidate
}

describe('the modulus', () => {
  test.each([
    [2047, 2048, 'ssh_rsa_too_short'],
    [2048, 2048, undefined],
    [2048, 1024, undefined],
    [2047, 1024, 'ssh_rsa_too_short'],
    [2047, 0, 'ssh_rsa_too_short'],
    [3071, 3072, 'ssh_rsa_too_short'],
    [3072, 3072, undefined],
    [3073, 3072, undefined],
    [8192, 3072, undefined],
    [8193, 3072, 'ssh_rsa_too_long'],
    [4096, Number.NaN, 'ssh_rsa_too_short'],
  ])('of %i bits, where %i are the least, gives %s', (bits, least, code) => {
    expect(checkRsa(e, soundModulus(bits), least)).toBe(code)
  })

  test('of zero or one is too short', () => {
    expect([checkRsa(e, 0n, 2048), checkRsa(e, 1n, 2048)]).toEqual(['ssh_rsa_too_short', 'ssh_rsa_too_short'])
  })

  test('that is even, or that any prime up to 65521 divides, is refused', () => {
    const rest = soundModulus(3080)
    for (const prime of [2n, 3n, 5n, 7n, 251n, 257n, 17_863n, 65_519n, 65_521n]) {
      expect([prime, checkRsa(e, rest * prime, 3072)]).toEqual([prime, 'ssh_rsa_small_factor'])
    }
    expect(checkRsa(e, rest * 65_537n, 3072)).toBeUndefined()
  })

  test('of two equal or close primes is refused, of primes far apart it is not', () => {
    const p = generatePrimeSync(1536, { bigint: true })
    for (const distance of [0n, 2n, 1n << 64n, 1n << 760n]) {
      expect(checkRsa(e, p * nextSound(p + distance), 3070)).toBe('ssh_rsa_close_primes')
    }
    expect(hasClosePrimes(p * nextSound(p + (1n << 1436n)))).toBe(false)
  })

  test('of a chip with the ROCA fault is refused', () => {
    // A published test certificate of such a key, 2050 bits.
    const published = BigInt(
      '0x025927b52ba5e68c8c9268bb9218f37673614ca65418f4745b143cd4ee53f9491c9a0e1c2f23a9516306affbf38667b871bc0cc82e60f5bb' +
        '1a9fa15a5671a765c9f21b9587d80115964372a383c883b0dcbf6c775706b31eaff3e3fd488559a08cdea20f9a97c4c59b6b8a8eeca457d4a820' +
        'd49509f759336302bca1a3690b08091811f858f2e8cea5a62355ad6e041d1935eda59289b597683b73e2657ae74bffc760e4d513cc87db935591' +
        '8eaa08d398bbe5f6835dc87125211b9b36b3a0bc70b993a6cb3f7d2cb4061de73db972c942adf9955b6fe4cd90f00d088aec04af1f5eff91f21a' +
        'f5ed44617c7db8093f95366db26580c4af399deb94f9b141305be1',
    )
    expect(checkRsa(e, published, 2048)).toBe('ssh_rsa_roca')
    expect(checkRsa(e, published + 2n, 2048)).not.toBe('ssh_rsa_roca')
  })

  test('that OpenSSL makes carries no mark of any fault', () => {
    for (let round = 0; round < 5; round += 1) {
      const { n } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
      const modulus = BigInt(`0x${Buffer.from(n!, 'base64url').toString('hex')}`)
      expect([hasSmallFactor(modulus), hasClosePrimes(modulus), hasRocaMark(modulus)]).toEqual([false, false, false])
    }
  })
})

describe('the exponent', () => {
  const modulus = soundModulus(3072)

  test.each([
    [0n, 'ssh_rsa_exponent_even'],
    [65_536n, 'ssh_rsa_exponent_even'],
    [65_538n, 'ssh_rsa_exponent_even'],
    [1n, 'ssh_rsa_exponent_small'],
    [3n, 'ssh_rsa_exponent_small'],
    [35n, 'ssh_rsa_exponent_small'],
    [65_535n, 'ssh_rsa_exponent_small'],
    [65_537n, undefined],
    [65_539n, undefined],
    [(1n << 64n) - 1n, undefined],
    [(1n << 64n) + 1n, 'ssh_rsa_exponent_large'],
    [(1n << 3000n) + 1n, 'ssh_rsa_exponent_large'],
  ])('%d gives %s', (exponent, code) => {
    expect(checkRsa(exponent, modulus, 3072)).toBe(code)
  })
})

test('bits are counted exactly', () => {
  expect([0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 255n, 256n].map(bitLength)).toEqual([0, 1, 2, 2, 3, 4, 4, 5, 8, 9])
})
