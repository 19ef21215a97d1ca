import { ScureBase32Plugin } from 'otplib'

const codec = new ScureBase32Plugin()

/** RFC 4648 section 6 in upper case without `=`, as authenticator apps take it. No bytes give no text. */
export function encodeBase32(bytes: Uint8Array): string {
  return codec.encode(bytes)
}

/**
 * Reads base32 (RFC 4648 section 6) as people type it: any case, with spaces and hyphens, with all of its `=` or none.
 * `undefined` for anything else: nothing at all, other characters (also `0 1 8 9`), part of the `=` or one inside, a length
 * that no bytes have, bits left over (`MZ` beside `MY`), or fewer than `leastBytes` bytes (default 1).
 */
export function decodeBase32(text: string, leastBytes = 1): Buffer | undefined {
  // Before any work, so that a huge input costs nothing.
  if (text.length > charactersMost) return undefined
  const [, digits = '', padding = ''] = /^([A-Za-z2-7]+)(=*)$/.exec(text.replaceAll(/[ -]/g, '')) ?? []
  if (padding !== '' && (padding.length > 6 || (digits.length + padding.length) % 8 !== 0)) return undefined
  try {
    const bytes = Buffer.from(codec.decode(digits))
    return bytes.length < Math.max(1, leastBytes) ? undefined : bytes
  } catch {
    return undefined
  }
}

const charactersMost = 1024
