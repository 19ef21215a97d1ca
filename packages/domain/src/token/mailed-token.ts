import { hmacSha256, sha256 } from '@portcullis/runtime/digest'

/** What a mailed token is for. A token of one purpose is nothing to another. */
export type TokenPurpose = 'password-reset' | 'email-verification'

/** A mailed token and what the store keeps of it. */
export interface MailedToken {
  /** 256 bits as base64url: 43 characters. Only ever in the mail. */
  readonly token: string
  /** SHA-256. Enough, as a token of 256 random bits cannot be guessed offline (ASVS 5 6.5.2). */
  readonly hash: Buffer
}

/**
 * Makes the token of a row: HMAC-SHA-256 over purpose, id and the row's random salt, under a key that is not in the
 * database. A repeated mail so carries the same link, and neither the database nor the queue ever holds it.
 */
export function makeMailedToken(key: Uint8Array, purpose: TokenPurpose, id: string, salt: Uint8Array): MailedToken {
  const mac = hmacSha256(key, `${purpose}.v1|${id}|${Buffer.from(salt).toString('hex')}`)
  const token = mac.toString('base64url')
  return { token, hash: hashMailedToken(token) }
}

/** What the store would keep of a token that somebody presents. */
export function hashMailedToken(token: string): Buffer {
  return sha256(token)
}
