import { pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './column.ts'

/** Makes the first admin: printed once by the command line, used once, soon over. Secret: `token_hash` (SHA-256). */
export const bootstrapTokens = pgTable(
  'bootstrap_tokens',
  {
    id: uuid().primaryKey(),
    /** Whom it makes an admin: the address as uniqueness key. */
    emailKey: text().notNull(),
    tokenHash: bytes().notNull(),
    createdAt: moment().notNull().defaultNow(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
  },
  (t) => [uniqueIndex('bootstrap_tokens_hash').on(t.tokenHash)],
)
