import { randomBytesOf } from '@portcullis/runtime/random'

/** One backup code. `index` tells the row to look into, so that an attempt costs one hash; `code` alone is secret, and is what is hashed. */
export interface BackupCode {
  /** 0 to 9. */
  readonly index: number
  /** 16 characters of Crockford's base32 in upper case: 80 random bits. */
  readonly code: string
}

/** How many codes a set has: one for each digit. */
export const backupCodeCount = 10
/** Crockford's base32: no I, L, O, U. Source: crockford.com/base32. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeBytes = 10
const charactersMost = 64

/**
 * A new set of ten codes. 80 bits each, so that a code is enough as a look-up secret and as a recovery code; they are stored by a
 * password hash, as 80 is below 112. Source: NIST SP 800-63B-4 3.1.2.1, 4.2.1.1; OWASP ASVS 5 6.5.1 to 6.5.4.
 */
export function newBackupCodes(): BackupCode[] {
  return Array.from({ length: backupCodeCount }, (_, index) => ({ index, code: encode(randomBytesOf(codeBytes)) }))
}

/** For people: `3-ABCD-EFGH-JKMN-PQRS`. */
export function formatBackupCode({ index, code }: BackupCode): string {
  return [String(index), ...(code.match(/.{4}/g) ?? [])].join('-')
}

/**
 * Reads a backup code as typed: any case, `O` for 0, `I` and `L` for 1, with or without spaces, hyphens and dots. `undefined` for
 * anything that cannot be one. A TOTP code is never one: it has six digits, this has seventeen characters.
 */
export function readBackupCode(text: string): BackupCode | undefined {
  if (text.length > charactersMost) return undefined
  const bare = text.replaceAll(/[\s._-]/g, '')
  // Before the case is changed: other scripts have letters that fold into these.
  if (!/^[0-9A-Za-z]{17}$/.test(bare)) return undefined
  const plain = bare.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return /^[0-9][0-9A-HJKMNP-TV-Z]{16}$/.test(plain) ? { index: Number(plain[0]), code: plain.slice(1) } : undefined
}

/** Five bits a character: ten bytes are sixteen of them, with nothing left over. */
function encode(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join('')
}
