import { Failure } from '@portcullis/contracts/errors'
import { hmacSha256, sameBytes, sha256 } from '@portcullis/runtime/digest'

/** What a mailed token is for. A token of one purpose is nothing to another. */
export type TokenPurpose =
  | 'password-reset'
  | 'email-verification'
  | 'email-change'
  | 'email-reversion'
  | 'lockdown-link'
  | 'lockdown-recovery'
  | 'account-keeping'

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

/** Keys of mailed tokens; none is in the database. */
export interface TokenKeys {
  /** The newest. */
  readonly tokenKey: Uint8Array
  /** Those from before a rotation, as long as their mails may be under way. */
  readonly tokenKeysOld?: readonly Uint8Array[]
}

/** A row that has a token, or is to have one. */
export interface TokenRow {
  readonly id: string
  readonly salt: Uint8Array
  /** Of the token that was mailed already, if any. */
  readonly tokenHash: Uint8Array | null
}

/**
 * The token of a row: under the newest key, or, where one was mailed before, under the key that its stored hash proves. So
 * a mail that is repeated after a rotation of keys carries the very link of the first.
 *
 * @throws Failure `internal_error` where none fits: the key was withdrawn while its mails were still under way.
 */
export function tokenOfRow(keys: TokenKeys, purpose: TokenPurpose, row: TokenRow): MailedToken {
  for (const key of [keys.tokenKey, ...(keys.tokenKeysOld ?? [])]) {
    const made = makeMailedToken(key, purpose, row.id, row.salt)
    if (row.tokenHash === null || sameBytes(made.hash, row.tokenHash)) return made
  }
  throw new Failure('internal_error', { internal: 'no master key of this process made the token of this mail' })
}

/** What the store would keep of a token that somebody presents. */
export function hashMailedToken(token: string): Buffer {
  return sha256(token)
}
