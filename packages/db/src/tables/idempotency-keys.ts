import { index, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { bytes, json, moment } from './column.ts'

/**
 * The answer that was given to a request with an `Idempotency-Key`. Written in the request's own transaction.
 * Leaves after 24 hours. Holds no secret: the key and the body only as SHA-256.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Name of the call. */
    route: text().notNull(),
    /** Who asked: an account, an API client, or `anonymous`. */
    scope: text().notNull(),
    keyHash: bytes().notNull(),
    bodyHash: bytes().notNull(),
    status: smallint().notNull(),
    answer: json<Record<string, unknown>>().notNull(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.route, t.scope, t.keyHash] }), index('idempotency_keys_created_at').on(t.createdAt)],
)
