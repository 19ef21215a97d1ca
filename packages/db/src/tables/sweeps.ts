import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/** One row for each sweep: how far it has come, and how large a chunk it takes now. Stays. */
export const sweeps = pgTable('sweeps', {
  /** Name of the sweep: `sessions.expired`. */
  name: text().primaryKey(),
  /** Rows of one chunk, as measured: a chunk takes 50 to 100 ms. */
  chunkRows: integer().notNull(),
  /** Rows that it has taken away since ever, and since its present run began. */
  rowsTotal: bigint({ mode: 'number' }).notNull().default(0),
  rowsThisRun: bigint({ mode: 'number' }).notNull().default(0),
  runStartedAt: moment(),
  runEndedAt: moment(),
  /** Why the last run paused or ended early: a code. */
  lastErrorCode: text(),
  updatedAt: moment().notNull().defaultNow(),
})
