import type { Id } from '@portcullis/contracts/ids'
import { hmacSha256, sameBytes } from '@portcullis/runtime/digest'

const prefix = 'pcw_'

/** Names the keys of watch tokens among all that are derived, see `deriveKeys`. */
export const watchTokenPurpose = 'operation-watch:v1'

/** Whether a bearer token is a watch token, by its form alone. */
export function isWatchToken(token: string): boolean {
  return token.startsWith(prefix)
}

/**
 * The token that opens one operation for reading, and nothing else: an HMAC of its id under a key outside the database, so
 * nothing is stored. For whoever began it, as their session may be dead from the answer on.
 */
export function makeWatchToken(key: Uint8Array, id: Id<'operation'>): string {
  return prefix + hmacSha256(key, `watch.v1|${id}`).toString('base64url')
}

/** Whether a token opens that operation, under any of the keys. */
export function opensOperation(keys: readonly Uint8Array[], id: Id<'operation'>, token: string): boolean {
  return keys.some((key) => sameBytes(Buffer.from(makeWatchToken(key, id)), Buffer.from(token)))
}
