import { index, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A browser that logged in once and carries a token that says so: it has a counter of failures of its own, so that
 * strangers cannot lock its owner out. Opens nothing. Leaves 180 days after it was last seen. Secret: `token_hash`.
 */
export const knownDevices = pgTable(
  'known_devices',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: bytes().notNull(),
    createdAt: moment().notNull().defaultNow(),
    lastSeenAt: moment().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('known_devices_token').on(t.accountId, t.tokenHash),
    index('known_devices_last_seen_at').on(t.lastSeenAt),
  ],
)
