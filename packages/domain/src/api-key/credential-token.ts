import { sha256 } from '@portcullis/runtime/digest'
import { isChecked, newChecked, randomBase62 } from './base62.ts'
import { readApiKey } from './format.ts'

/** A new bearer token, and what the store keeps of it. */
export interface NewCredentialToken {
  /** Shown once, in the answer to the call that made it. */
  readonly token: string
  /** SHA-256 of the whole token: 32 bytes. */
  readonly hash: Buffer
}

/** What a bearer token is by its form: `client` is the secret of an API client. */
export type BearerKind = 'session' | 'api_key' | 'client'

const sessionPrefix = 'pcs_'
const clientPrefix = 'pcc_'
/** 43 x log2 62 = 256.03 bits. */
const sessionCharacters = 43

/** Find sessions' tokens and API clients' secrets in any text: for secret scanners. Global, so use them with `matchAll`. */
export const sessionTokenPattern = /\bpcs_[0-9A-Za-z]{43}\b/g
export const clientSecretPattern = /\bpcc_[0-9A-Za-z]{36}\b/g

/**
 * A new session token: `pcs_` and 43 base62 characters, 256 random bits. Base62, so that it needs no escaping in a cookie or header
 * and a double click selects all of it; no checksum, as nobody types one. Source: NIST SP 800-63B-4 5.1; OWASP ASVS 5 7.2.3.
 */
export function newSessionToken(): NewCredentialToken {
  return withHash(sessionPrefix + randomBase62(sessionCharacters))
}

/** A new secret of an API client: `pcc_` and the body of an API key, 178.6 random bits and a checksum. */
export function newClientSecret(): NewCredentialToken {
  return withHash(clientPrefix + newChecked())
}

/**
 * Tells by form and checksum alone which store to ask about a bearer token; `undefined` for what this house never made, which needs
 * no look-up. The text counts exactly: nothing is trimmed, folded or cut.
 */
export function classifyBearer(text: string): BearerKind | undefined {
  if (text.startsWith(sessionPrefix)) return isSessionToken(text) ? 'session' : undefined
  if (text.startsWith(clientPrefix)) return isChecked(text.slice(clientPrefix.length)) ? 'client' : undefined
  return readApiKey(text).ok ? 'api_key' : undefined
}

/** What the store keeps of any bearer token: SHA-256 of all of it (as `apiKeyHash`). Source: OWASP ASVS 5 6.5.2. */
export function bearerHash(token: string): Buffer {
  return sha256(token)
}

function isSessionToken(text: string): boolean {
  return text.length === sessionPrefix.length + sessionCharacters && /^pcs_[0-9A-Za-z]+$/.test(text)
}

function withHash(token: string): NewCredentialToken {
  return { token, hash: bearerHash(token) }
}
