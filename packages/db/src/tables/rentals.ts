import { sql } from 'drizzle-orm'
import { index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/** A server that an account rents. The product names it. Leaves 90 days after it was given back. Secret: `token_hash`. */
export const rentals = pgTable(
  'rentals',
  {
    /** The product's own name of it. */
    id: text().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    host: text().notNull(),
    /** SHA-256 of the token with which the host asks for its keys. */
    tokenHash: bytes().notNull(),
    createdAt: moment().notNull().defaultNow(),
    endedAt: moment(),
    /** When the host last asked. */
    lastFetchedAt: moment(),
  },
  (t) => [
    uniqueIndex('rentals_token_hash').on(t.tokenHash),
    index('rentals_account')
      .on(t.accountId)
      .where(sql`ended_at is null`),
    // What the sweep goes by.
    index('rentals_ended')
      .on(t.endedAt)
      .where(sql`ended_at is not null`),
  ],
)
