import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/**
 * The login history that an owner sees: every attempt whose account is known. Leaves after 90 days.
 * Personal: `network` (already cut to /24 or /48), `country`, `device`.
 */
export const loginEvents = pgTable(
  'login_events',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    outcome: text({
      enum: ['success', 'wrong_password', 'second_factor_required', 'wrong_code', 'throttled', 'refused'],
    }).notNull(),
    /** What was proved: `password`, `password+totp`, `password+backup_code`; empty for nothing. */
    factors: text().notNull(),
    sessionId: uuid(),
    network: text(),
    country: text(),
    device: text().notNull(),
    occurredAt: moment().notNull().defaultNow(),
  },
  (t) => [index('login_events_account').on(t.accountId, t.id)],
)
