import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/** What the product reported of an account: a verdict about its risk, or a suspicious transaction. Leaves after 90 days. */
export const riskSignals = pgTable(
  'risk_signals',
  {
    id: uuid().primaryKey(),
    clientId: uuid().notNull(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    kind: text({ enum: ['verdict', 'transaction'] }).notNull(),
    level: text({ enum: ['low', 'medium', 'high'] }).notNull(),
    /** A code of the product's own: `impossible_payment`. */
    reason: text().notNull(),
    /** The product's own name of the transaction. */
    reference: text(),
    occurredAt: moment().notNull(),
    receivedAt: moment().notNull().defaultNow(),
    /** What the policy made of it. */
    taken: text({ enum: ['noted', 'notice', 'step_up', 'lockdown'] }).notNull(),
  },
  (t) => [
    index('risk_signals_account').on(t.accountId, t.receivedAt),
    index('risk_signals_received_at').on(t.receivedAt),
    uniqueIndex('risk_signals_reference')
      .on(t.clientId, t.reference)
      .where(sql`reference is not null`),
    check('risk_signals_level', sql`${t.level} in ('low', 'medium', 'high')`),
  ],
)
