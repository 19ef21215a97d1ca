import { sha256 } from '@portcullis/runtime/digest'
import { checkedCharacters, isChecked, newChecked } from './base62.ts'

/** Where a key is meant for. A key for `test` says so in its text. */
export type ApiKeyEnvironment = 'live' | 'test'

/** A new key, and what the store keeps of it. */
export interface NewApiKey {
  /** Shown once, in the answer to the call that made it, and never again. */
  readonly key: string
  /** SHA-256 of the whole key: 32 bytes. */
  readonly hash: Buffer
  /** `pck_` or `pck_test_`, for lists. */
  readonly prefix: string
  /** The last four characters, for lists. They belong to the checksum. */
  readonly last4: string
}

/** What the text of a key tells by itself: whether it can be one of ours. Only the store knows whether it is. */
export type ApiKeyReading =
  | { readonly ok: true; readonly environment: ApiKeyEnvironment; readonly hash: Buffer }
  /** `malformed`: not the form of a key. `checksum`: the form, but mistyped or made up. */
  | { readonly ok: false; readonly why: 'malformed' | 'checksum' }

const prefixes = { live: 'pck_', test: 'pck_test_' } as const satisfies Record<ApiKeyEnvironment, string>

/**
 * Finds keys in any text: for secret scanners, who are given its `source`. What it finds is worth a look only where `readApiKey`
 * takes it. Global, so use it with `matchAll`.
 */
export const apiKeyPattern = /\bpck_(?:test_)?[0-9A-Za-z]{36}\b/g

/**
 * A new API key: prefix, 30 random base62 characters (178.6 bits), six of checksum over these. A double click selects all of it.
 * Source: GitHub's token format; OWASP ASVS 5 11.5.1.
 */
export function newApiKey(environment: ApiKeyEnvironment): NewApiKey {
  const prefix = prefixes[environment]
  const key = prefix + newChecked()
  return { key, hash: apiKeyHash(key), prefix, last4: key.slice(-4) }
}

/** Reads a key as presented, exactly as it was shown: nothing is trimmed or folded. No look-up is worth its while after a refusal. */
export function readApiKey(text: string): ApiKeyReading {
  const environment = text.startsWith(prefixes.test) ? 'test' : 'live'
  const body = text.slice(prefixes[environment].length)
  if (!text.startsWith(prefixes[environment]) || body.length !== checkedCharacters || !/^[0-9A-Za-z]+$/.test(body)) {
    return { ok: false, why: 'malformed' }
  }
  return isChecked(body) ? { ok: true, environment, hash: apiKeyHash(text) } : { ok: false, why: 'checksum' }
}

/**
 * What the store keeps of a key: SHA-256 of all of it. Enough without salt or cost, as 178 random bits cannot be guessed offline,
 * and a password hash for each request would be a way to bring the service down. Source: OWASP ASVS 5 6.5.2.
 */
export function apiKeyHash(key: string): Buffer {
  return sha256(key)
}
