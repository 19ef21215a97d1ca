import { index, integer, pgTable } from 'drizzle-orm/pg-core'
import { bytes, moment } from './column.ts'

/**
 * A counter of attempts: of an account and authenticator, of a known device, or of a network. Its name is kept only as a
 * hash. Reset by success; leaves a day after it was last touched and no longer blocks.
 */
export const throttles = pgTable(
  'throttles',
  {
    /** SHA-256 of what is counted. */
    keyHash: bytes().primaryKey(),
    /** Attempts since the last success, or within the window. */
    attempts: integer().notNull(),
    windowEndsAt: moment(),
    blockedUntil: moment(),
    touchedAt: moment().notNull().defaultNow(),
  },
  (t) => [index('throttles_touched_at').on(t.touchedAt)],
)
