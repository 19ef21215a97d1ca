import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/** A password that an account had: what a recovery refuses to take again. The latest ten stay. Secret: `password_hash`. */
export const formerPasswords = pgTable(
  'former_passwords',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    passwordHash: text().notNull(),
    retiredAt: moment().notNull().defaultNow(),
  },
  (t) => [index('former_passwords_account').on(t.accountId, t.id)],
)
