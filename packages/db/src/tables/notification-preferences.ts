import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/** What an owner does not want to be mailed. Security notices are never in it: they cannot be switched off. */
export const notificationPreferences = pgTable('notification_preferences', {
  accountId: uuid()
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  /** Kinds of notices that stay in the feed and are not mailed. */
  muted: text().array().notNull(),
  updatedAt: moment().notNull().defaultNow(),
})
