import { boolean, index, inet, integer, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A login whose password was right and whose second factor is still to come. Lives 5 minutes, opens once.
 * Personal: `ip`, `user_agent`. Secret: `token_hash`.
 */
export const loginChallenges = pgTable(
  'login_challenges',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: bytes().notNull(),
    /** The account's `security_epoch` when the password was proved. */
    epoch: integer().notNull(),
    deviceName: text(),
    userAgent: text(),
    ip: inet(),
    /** Whether the session is to come as a cookie. */
    cookie: boolean().notNull(),
    attempts: smallint().notNull().default(0),
    createdAt: moment().notNull().defaultNow(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
  },
  (t) => [
    uniqueIndex('login_challenges_token_hash').on(t.tokenHash),
    index('login_challenges_expires_at').on(t.expiresAt),
    index('login_challenges_account').on(t.accountId),
  ],
)
