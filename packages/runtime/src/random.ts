import { randomBytes, randomFillSync } from 'node:crypto'

/**
 * A new unguessable token of `bytes` random bytes (default 32, that is 256 bits) as base64url without padding (RFC 4648
 * section 5): 43 characters by default. From the system's generator. Source: OWASP ASVS 5 11.5.1 (128 bits or more).
 *
 * @throws RangeError below 16 bytes, which would be guessable.
 */
export function randomToken(bytes = 32): string {
  if (bytes < 16) throw new RangeError('a token has 16 random bytes or more')
  return randomBytes(bytes).toString('base64url')
}

/** `count` random bytes from the system's generator: salts, keys. */
export function randomBytesOf(count: number): Buffer {
  return randomBytes(count)
}

/** Random bytes that wait to be used, so that the generator is asked once for many ids. */
const pool = Buffer.alloc(4096)
let used = pool.length

/**
 * `count` random bytes (at most 256) for names: ids, traces. From the same generator, asked for many at once, which costs a
 * tenth. Never for secrets: bytes wait in memory before they are used. They are valid until the next call.
 */
export function randomNameBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

/** A number from 0 (included) to 1 (excluded), for jitter only: it can be foretold, so no secret is ever made of it. */
export function randomFraction(): number {
  return Math.random()
}
