import { sql } from 'drizzle-orm'
import { check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { json, moment } from './column.ts'
import { lockdowns } from './lockdowns.ts'

/** One step of a lockdown, and the proof of it: what was read back after it was done. */
export const lockdownSteps = pgTable(
  'lockdown_steps',
  {
    lockdownId: uuid()
      .notNull()
      .references(() => lockdowns.id, { onDelete: 'cascade' }),
    step: text().notNull(),
    /** pending -> acted (done, not yet seen to hold) -> proven. */
    state: text({ enum: ['pending', 'acted', 'proven'] })
      .notNull()
      .default('pending'),
    attempts: integer().notNull().default(0),
    /** What it did: `{ revoked: 3 }`. Added up over repeats, so that each effect is counted once. */
    counts: json<Record<string, number>>().notNull(),
    /** What was read back: `{ living: 0 }`. */
    proof: json<Record<string, unknown>>(),
    lastErrorCode: text(),
    actedAt: moment(),
    provenAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.lockdownId, t.step] }),
    check('lockdown_steps_state', sql`${t.state} in ('pending', 'acted', 'proven')`),
  ],
)
