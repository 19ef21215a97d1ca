import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/** A login of an account on one device. Ended rows leave 30 days later. Secret: `token_hash` (SHA-256 of the token). */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: bytes().notNull(),
    /** The account's `security_epoch` when it was issued. */
    epoch: integer().notNull(),
    createdAt: moment().notNull().defaultNow(),
    lastSeenAt: moment().notNull().defaultNow(),
    expiresAt: moment().notNull(),
    revokedAt: moment(),
    revokedBecause: text(),
  },
  (t) => [
    uniqueIndex('sessions_token_hash').on(t.tokenHash),
    index('sessions_active')
      .on(t.accountId, t.lastSeenAt)
      .where(sql`revoked_at is null`),
  ],
)
