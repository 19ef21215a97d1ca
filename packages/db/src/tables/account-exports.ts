import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'
import { operations } from './operations.ts'

/** A copy of all that is kept of an owner, in `account_export_parts`. Fetched once, and gone when it expires. */
export const accountExports = pgTable(
  'account_exports',
  {
    id: uuid()
      .primaryKey()
      .references(() => operations.id),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    createdAt: moment().notNull().defaultNow(),
    readyAt: moment(),
    expiresAt: moment(),
    fetchedAt: moment(),
  },
  (t) => [
    index('account_exports_account').on(t.accountId, t.createdAt),
    index('account_exports_expires_at').on(t.expiresAt),
  ],
)
