import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** SHA-256 (FIPS 180-4) of bytes, or of text as UTF-8: 32 bytes. For values that are random already; never for passwords. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer')
}

/** HMAC-SHA256 (RFC 2104) of text as UTF-8 under `key`: 32 bytes. */
export function hmacSha256(key: Uint8Array, data: string): Buffer {
  return createHmac('sha256', key).update(data, 'utf8').digest()
}

/**
 * Whether two byte strings are the same, in a time that does not depend on where they differ. Different lengths are
 * `false` (the length itself is not hidden), never an exception. Source: OWASP ASVS 5 11.2.4.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
