import type { Tx } from '../transaction.ts'

/** Names one use of an `Idempotency-Key`. */
export interface IdempotencyUse {
  readonly route: string
  readonly scope: string
  readonly keyHash: Uint8Array
  readonly bodyHash: Uint8Array
  readonly status: number
  readonly answer: Readonly<Record<string, unknown>>
}

/** What is known of a key. */
export type IdempotencyFinding =
  | 'new'
  | { readonly sameBody: boolean; readonly status: number; readonly answer: unknown }

/**
 * Takes a key for the caller's transaction: `new` for exactly one of any number of parallel callers. The others wait
 * for its end and are given what it answered; when it rolled back, one of them is `new`.
 */
export async function takeIdempotencyKey(tx: Tx, use: IdempotencyUse): Promise<IdempotencyFinding> {
  const made = await tx.sql`
    insert into idempotency_keys (route, scope, key_hash, body_hash, status, answer)
    values (${use.route}, ${use.scope}, ${use.keyHash}, ${use.bodyHash}, ${use.status}, ${tx.sql.json(use.answer as never)})
    on conflict do nothing returning route`
  if (made.length === 1) return 'new'
  const [row] = await tx.sql<{ sameBody: boolean; status: number; answer: unknown }[]>`
    select body_hash = ${use.bodyHash} as "sameBody", status, answer from idempotency_keys
    where route = ${use.route} and scope = ${use.scope} and key_hash = ${use.keyHash}`
  return row ?? 'new'
}

/** Writes down what the use of a key was answered, in the transaction that took it. */
export async function updateIdempotencyAnswer(tx: Tx, use: IdempotencyUse): Promise<void> {
  await tx.sql`
    update idempotency_keys set answer = ${tx.sql.json(use.answer as never)}
    where route = ${use.route} and scope = ${use.scope} and key_hash = ${use.keyHash}`
}

/** Deletes up to `most` keys that are older than a day. Uses `idempotency_keys_created_at`. */
export async function deleteOldIdempotencyKeys(tx: Tx, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select ctid from idempotency_keys where created_at < now() - interval '24 hours'
      order by created_at limit ${most} for update skip locked
    )
    delete from idempotency_keys using old where idempotency_keys.ctid = old.ctid returning route`
  return rows.length
}
