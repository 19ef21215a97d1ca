import { sql } from 'drizzle-orm'
import { check, index, inet, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * Somebody asked for a reset mail. The address asked for is kept only until the worker has looked it up.
 * Leaves 30 days after it was asked for; ip and user agent already when it is over.
 * Personal: `email_key`, `ip`, `user_agent`. Secret: `salt`, `token_hash`.
 */
export const passwordResets = pgTable(
  'password_resets',
  {
    id: uuid().primaryKey(),
    /** The address asked for, as uniqueness key. Null once it is worked off. */
    emailKey: text(),
    /** Whose password. Null until the worker has found the account, and for ever when there is none. */
    accountId: uuid().references(() => accounts.id, { onDelete: 'cascade' }),
    salt: bytes().notNull(),
    tokenHash: bytes(),
    ip: inet(),
    userAgent: text(),
    /** requested -> ready -> used | void; or requested -> unknown | limited | void, none of which ever had a token. */
    state: text({ enum: ['requested', 'ready', 'used', 'void', 'unknown', 'limited'] })
      .notNull()
      .default('requested'),
    requestedAt: moment().notNull().defaultNow(),
    /** When the token was made; the limit per recipient counts these. */
    readyAt: moment(),
    expiresAt: moment(),
    endedAt: moment(),
  },
  (t) => [
    check('password_resets_state', sql`${t.state} in ('requested', 'ready', 'used', 'void', 'unknown', 'limited')`),
    uniqueIndex('password_resets_token_hash')
      .on(t.tokenHash)
      .where(sql`token_hash is not null`),
    index('password_resets_account')
      .on(t.accountId, t.readyAt)
      .where(sql`account_id is not null`),
    index('password_resets_expires_at')
      .on(t.expiresAt)
      .where(sql`state = 'ready'`),
  ],
)
