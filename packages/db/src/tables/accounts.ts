import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/**
 * A person's login. A row exists only once the address is confirmed (see `registrations`).
 * Leaves by account closing. Personal: `email`, `email_key`, `name`. Secret: `password_hash`.
 */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey(),
    /** Where mail goes: exactly as the owner confirmed it. */
    email: text().notNull(),
    /** Uniqueness key: NFKC, lower case, punycode domain. Two spellings of one mailbox share it. */
    emailKey: text().notNull(),
    name: text().notNull(),
    /** PHC string. Null: no password opens this account until a reset. */
    passwordHash: text(),
    passwordChangedAt: moment().notNull(),
    state: text({ enum: ['active', 'locked', 'disabled'] })
      .notNull()
      .default('active'),
    role: text({ enum: ['member', 'support', 'admin'] })
      .notNull()
      .default('member'),
    /** The fence: credentials issued under an older epoch are void. */
    securityEpoch: integer().notNull().default(1),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('accounts_email_key').on(t.emailKey),
    check('accounts_state', sql`${t.state} in ('active', 'locked', 'disabled')`),
    check('accounts_role', sql`${t.role} in ('member', 'support', 'admin')`),
  ],
)
