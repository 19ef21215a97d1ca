import type { SshKeyFaultCode } from './fault.ts'

/** Bytes of an encoded Ed25519 public key (RFC 8709 section 4). */
const keyBytes = 32
const p = (1n << 255n) - 19n
/** d = -121665/121666 of the curve -x² + y² = 1 + d·x²·y² (RFC 8032 section 5.1). */
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * Which rule an Ed25519 public key breaks, or `undefined`. `node:crypto` takes any 32 bytes, so the point is checked here: its
 * y is reduced, the curve has it, and its order is not 1, 2, 4 or 8, for which a signature can be made without a private key.
 * Source: RFC 8032 sections 5.1 and 5.1.3.
 */
export function checkEd25519(key: Buffer): SshKeyFaultCode | undefined {
  if (key.length !== keyBytes) return 'ssh_ed25519_length'
  const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & ((1n << 255n) - 1n)
  const y2 = mod(y * y)
  // x² = u / v by the curve's equation.
  const u = mod(y2 - 1n)
  const v = mod(d * y2 + 1n)
  // Orders 1 and 2 have x = 0, order 4 has y = 0, and twice a point of order 8 has y = 0, which is x² + y² = 0.
  if (u === 0n || mod(y) === 0n || mod(u + y2 * v) === 0n) return 'ssh_ed25519_low_order'
  // u / v is a square when, and only when, u · v is (Euler's criterion).
  if (y >= p || power(u * v, (p - 1n) / 2n) !== 1n) return 'ssh_ed25519_point'
  return undefined
}

function mod(value: bigint): bigint {
  const rest = value % p
  return rest < 0n ? rest + p : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = mod(base), left = exponent; left > 0n; left >>= 1n, square = mod(square * square)) {
    if ((left & 1n) === 1n) result = mod(result * square)
  }
  return result
}
