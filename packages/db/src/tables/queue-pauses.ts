import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/** A queue that an operator has paused: its jobs wait in the ledger. Here and not in Redis, so that a flush resumes nothing. */
export const queuePauses = pgTable(
  'queue_pauses',
  {
    /** Service whose queue it is. */
    hearer: text().notNull(),
    /** One message of it, or `*` for all. */
    message: text().notNull(),
    reason: text().notNull(),
    pausedBy: uuid(),
    pausedAt: moment().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.hearer, t.message] })],
)
