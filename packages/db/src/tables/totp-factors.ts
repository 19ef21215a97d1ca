import { sql } from 'drizzle-orm'
import { bigint, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { moment } from './column.ts'

/**
 * The time-based codes of an account. Pending until a valid code was given, and for 10 minutes at most.
 * Leaves when it is disabled. Secret: `secret_sealed` (AES-256-GCM, bound to this row).
 */
export const totpFactors = pgTable(
  'totp_factors',
  {
    accountId: uuid()
      .primaryKey()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    secretSealed: text().notNull(),
    /** The last step that was accepted: none is accepted twice, nor an older one after it (RFC 6238 5.2). */
    lastStep: bigint({ mode: 'number' }),
    createdAt: moment().notNull().defaultNow(),
    confirmedAt: moment(),
  },
  (t) => [
    // What the sweep goes by.
    index('totp_factors_pending')
      .on(t.createdAt)
      .where(sql`confirmed_at is null`),
  ],
)
