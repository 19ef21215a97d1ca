import { createPublicKey } from 'node:crypto'
import type { SshKeyFaultCode } from './fault.ts'

/** The curves that OpenSSH knows, by their SSH names. */
export type SshCurve = 'nistp256' | 'nistp384' | 'nistp521'

/** Each curve's size in bits, and its name in JSON Web Keys. */
export const sshCurves: Record<SshCurve, { readonly bits: number; readonly jwk: string }> = {
  nistp256: { bits: 256, jwk: 'P-256' },
  nistp384: { bits: 384, jwk: 'P-384' },
  nistp521: { bits: 521, jwk: 'P-521' },
}

/**
 * Which rule an encoded point of `curve` breaks, or `undefined`. Only the uncompressed form is taken; OpenSSL checks that the
 * coordinates are reduced and on the curve. These curves have cofactor 1, so a point on them has the full order.
 * Source: RFC 5656 section 3.1; SEC 1 section 2.3.3.
 */
export function checkEcdsaPoint(curve: SshCurve, point: Buffer): SshKeyFaultCode | undefined {
  const { bits, jwk } = sshCurves[curve]
  const coordinateBytes = Math.ceil(bits / 8)
  const form = point[0]
  if ((form === 2 || form === 3) && point.length === 1 + coordinateBytes) return 'ssh_ecdsa_compressed'
  if (form !== 4 || point.length !== 1 + 2 * coordinateBytes) return 'ssh_ecdsa_point'
  const x = point.toString('base64url', 1, 1 + coordinateBytes)
  const y = point.toString('base64url', 1 + coordinateBytes)
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: jwk, x, y } })
    return undefined
  } catch {
    return 'ssh_ecdsa_point'
  }
}
