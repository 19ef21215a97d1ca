/** A key that no other call has (RFC 9562 section 5.4). */
export function newIdempotencyKey(): string {
  return crypto.randomUUID()
}

/** A part of `most`, drawn evenly: full jitter, so that callers that failed together do not come back together. */
export function jitter(most: number): number {
  return Math.random() * most
}
