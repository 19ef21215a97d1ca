import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
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
    /** BCP 47 tag of the language in which its owner is written to. */
    language: text().notNull().default('en'),
    /** When somebody else was found to know the password: it opens nothing until another is set. */
    passwordCompromisedAt: moment(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('accounts_email_key').on(t.emailKey),
    // An admin's search by the beginning of an address, and by what is rare.
    index('accounts_email_prefix').on(t.emailKey.op('text_pattern_ops')),
    index('accounts_state')
      .on(t.state, t.id)
      .where(sql`state <> 'active'`),
    index('accounts_role')
      .on(t.role, t.id)
      .where(sql`role <> 'member'`),
    // An admin's list, newest first, and selectors by moment of creation.
    index('accounts_created').on(t.createdAt, t.id),
    check('accounts_state', sql`${t.state} in ('active', 'locked', 'disabled')`),
    check('accounts_role', sql`${t.role} in ('member', 'support', 'admin')`),
  ],
)
