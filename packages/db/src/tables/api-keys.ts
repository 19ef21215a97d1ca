import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A key with which programs of an owner call. Three active at a time, by a rule of the database: each has one of three
 * slots. Revoked rows leave 30 days later. Secret: `key_hash` (SHA-256; 178 bits cannot be guessed offline).
 */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** 1, 2 or 3 while it is active; a key in the overlap of its rotation has given its slot to its successor. */
    slot: smallint(),
    name: text().notNull(),
    /** For display: what stands before the random part, and the last four characters. */
    prefix: text().notNull(),
    last4: text('last4').notNull(),
    keyHash: bytes().notNull(),
    scopes: text().array().notNull(),
    /** The account's `security_epoch` when it was issued. */
    epoch: integer().notNull(),
    globalEpoch: integer().notNull().default(1),
    createdAt: moment().notNull().defaultNow(),
    expiresAt: moment(),
    /** Written at most once in 10 minutes. */
    lastUsedAt: moment(),
    lastUsedNetwork: text(),
    lastUsedCountry: text(),
    revokedAt: moment(),
    revokedBecause: text(),
    /** The bulk revocation or lockdown that ended it, if one did. */
    revokedBy: uuid(),
    /** The key that takes its place. */
    rotatedTo: uuid(),
  },
  (t) => [
    uniqueIndex('api_keys_key_hash').on(t.keyHash),
    uniqueIndex('api_keys_slot')
      .on(t.accountId, t.slot)
      .where(sql`revoked_at is null and slot is not null`),
    index('api_keys_account').on(t.accountId, t.id),
    index('api_keys_revoked_by')
      .on(t.revokedBy, t.accountId)
      .where(sql`revoked_by is not null`),
    // What the sweep goes by: when it ended or is to end; null for a key that lasts.
    index('api_keys_over').on(sql`least(${t.revokedAt}, ${t.expiresAt})`),
    check('api_keys_slots', sql`${t.slot} between 1 and 3`),
  ],
)
