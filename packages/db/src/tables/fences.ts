import { sql } from 'drizzle-orm'
import { check, integer, pgTable } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/** The house's own fence, one row: raising its epoch voids every credential of everybody that was issued before. */
export const fences = pgTable(
  'fences',
  {
    id: integer().primaryKey(),
    epoch: integer().notNull().default(1),
    raisedAt: moment().notNull().defaultNow(),
  },
  (t) => [check('fences_one', sql`${t.id} = 1`)],
)
