import { pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/** The ten backup codes of an account; the index picks the row, so one hash is made for an attempt. Secret: `code_hash`. */
export const backupCodes = pgTable(
  'backup_codes',
  {
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    index: smallint().notNull(),
    /** Argon2id PHC string. */
    codeHash: text().notNull(),
    usedAt: moment(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.index] })],
)
