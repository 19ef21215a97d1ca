import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { json, moment } from './column.ts'
import { lockdowns } from './lockdowns.ts'

/** Something for the owner to look through at recovery: made, changed or reported inside the suspect window, or before. */
export const lockdownItems = pgTable(
  'lockdown_items',
  {
    id: uuid().primaryKey(),
    lockdownId: uuid()
      .notNull()
      .references(() => lockdowns.id, { onDelete: 'cascade' }),
    kind: text({
      enum: ['session', 'login', 'api_key', 'ssh_key', 'second_factor', 'email_change', 'password', 'transaction'],
    }).notNull(),
    /** Id of what it is about, as text: the product names its own transactions. */
    subject: text().notNull(),
    occurredAt: moment().notNull(),
    /** What the owner is shown: device, place, name. No secret, no full network address. */
    summary: json<Record<string, unknown>>().notNull(),
    /** Whether it happened since `compromised_since`. */
    suspect: boolean().notNull(),
    decision: text({ enum: ['keep', 'undo'] }),
    decidedAt: moment(),
  },
  (t) => [
    uniqueIndex('lockdown_items_subject').on(t.lockdownId, t.kind, t.subject),
    index('lockdown_items_order').on(t.lockdownId, t.occurredAt),
    check('lockdown_items_decision', sql`${t.decision} is null or ${t.decision} in ('keep', 'undo')`),
  ],
)
