import { sql } from 'drizzle-orm'
import { check, inet, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { noticeKinds } from '../notice-kind.ts'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/** Something an owner must be told: what, when, from where. Leaves after 90 days. Personal: `ip`, `user_agent`. */
export const notices = pgTable(
  'notices',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    kind: text({ enum: noticeKinds }).notNull(),
    ip: inet(),
    userAgent: text(),
    occurredAt: moment().notNull().defaultNow(),
  },
  () => [check('notices_kind', sql.raw(`kind in (${noticeKinds.map((kind) => `'${kind}'`).join(', ')})`))],
)
