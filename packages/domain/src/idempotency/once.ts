import type { Database } from '@portcullis/db/connect'
import {
  type IdempotencyUse,
  takeIdempotencyKey,
  updateIdempotencyAnswer,
} from '@portcullis/db/queries/idempotency-key'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { hmacSha256, sha256 } from '@portcullis/runtime/digest'

/** A request that carries an `Idempotency-Key`. */
export interface KeyedRequest {
  readonly route: string
  /** Who asks; keys of different callers never meet. */
  readonly scope: string
  readonly key: string
  /** The body in a canonical form. Only an HMAC of it is kept, under `bodyKey`: a plain hash of a password could be guessed. */
  readonly body: string
  readonly bodyKey: Uint8Array
  /** The answer to be given, now and to every repeat. Holds no secret. */
  readonly status: number
  readonly answer: Readonly<Record<string, unknown>>
}

/** What became of it. */
export type Once =
  | { readonly kind: 'done' }
  /** `answer`: what the first request was to be answered. */
  | { readonly kind: 'repeated'; readonly answer: unknown }
  | { readonly kind: 'reused' }

/**
 * Does `work` once for a key: `repeated` for the same key and body, `reused` for another body. Parallel repeats wait
 * for the first and are then `repeated`. Key and work are committed together. What `work` returns, if anything, is kept in
 * place of `answer`: for answers that are known only then. Source: draft-ietf-httpapi-idempotency-key.
 */
export async function once(
  database: Database,
  request: KeyedRequest,
  work: (tx: Tx) => Promise<Readonly<Record<string, unknown>> | void>,
): Promise<Once> {
  const use: IdempotencyUse = {
    route: request.route,
    scope: request.scope,
    keyHash: sha256(request.key),
    bodyHash: hmacSha256(request.bodyKey, request.body),
    status: request.status,
    answer: request.answer,
  }
  return inTransaction(database, async (tx) => {
    const found = await takeIdempotencyKey(tx, use)
    if (found !== 'new') return found.sameBody ? { kind: 'repeated', answer: found.answer } : { kind: 'reused' }
    const answer = await work(tx)
    if (answer) await updateIdempotencyAnswer(tx, { ...use, answer })
    return { kind: 'done' }
  })
}
