import { rsaBitsMost, type SshKeyFaultCode } from './fault.ts'
import { hasClosePrimes, hasRocaMark, hasSmallFactor } from './rsa-modulus.ts'

/** Bits below which no setting lets a modulus through. */
const rsaBitsFloor = 2048
/** Bits of the exponent beyond which OpenSSL verifies nothing with a modulus over 3072 bits. */
const exponentBitsMost = 64n

/**
 * Which rule an RSA public key breaks, or `undefined`. `bitsLeast` below 2048 counts as 2048. Costs a few milliseconds at most.
 * Source: NIST SP 800-56B rev. 2 section 6.4.2.2 (partial public-key validation); ASVS 5 11.2.3 (3072 bits for 128 of strength).
 */
export function checkRsa(exponent: bigint, modulus: bigint, bitsLeast: number): SshKeyFaultCode | undefined {
  const bits = bitLength(modulus)
  // Bits first: what follows is arithmetic on the modulus. Written so that a setting that is not a number refuses.
  if (!(bits >= Math.max(rsaBitsFloor, bitsLeast))) return 'ssh_rsa_too_short'
  if (bits > rsaBitsMost) return 'ssh_rsa_too_long'
  if (exponent % 2n === 0n) return 'ssh_rsa_exponent_even'
  if (exponent < 65_537n) return 'ssh_rsa_exponent_small'
  if (exponent >> exponentBitsMost !== 0n) return 'ssh_rsa_exponent_large'
  if (hasSmallFactor(modulus)) return 'ssh_rsa_small_factor'
  if (hasClosePrimes(modulus)) return 'ssh_rsa_close_primes'
  return hasRocaMark(modulus) ? 'ssh_rsa_roca' : undefined
}

/** Bits of a number that is not negative; 0 has none. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0
  const hex = value.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28
}
