import { sql } from 'drizzle-orm'
import { check, index, inet, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './column.ts'

/**
 * Somebody asked for an account. Confirming the mailed link makes the account from this very row, so nobody
 * can squat an address, nor plant a password in an account that its true owner confirms by another mail.
 * Leaves a day after it has expired or was confirmed. Personal: address, name, ip, user agent. Secret: hashes, salt.
 */
export const registrations = pgTable(
  'registrations',
  {
    id: uuid().primaryKey(),
    email: text().notNull(),
    emailKey: text().notNull(),
    name: text().notNull(),
    passwordHash: text().notNull(),
    /** The mailed token is an HMAC of the id and this salt under a key outside the database. */
    salt: bytes().notNull(),
    tokenHash: bytes(),
    ip: inet(),
    userAgent: text(),
    /** requested -> ready -> confirmed; or requested -> taken (the owner of the account is told) | limited. */
    state: text({ enum: ['requested', 'ready', 'confirmed', 'taken', 'limited'] })
      .notNull()
      .default('requested'),
    requestedAt: moment().notNull().defaultNow(),
    /** When a mail was made ready; the limit per recipient counts these. */
    readyAt: moment(),
    expiresAt: moment().notNull(),
  },
  (t) => [
    check('registrations_state', sql`${t.state} in ('requested', 'ready', 'confirmed', 'taken', 'limited')`),
    uniqueIndex('registrations_token_hash')
      .on(t.tokenHash)
      .where(sql`token_hash is not null`),
    index('registrations_email_key').on(t.emailKey, t.requestedAt),
    index('registrations_expires_at').on(t.expiresAt),
  ],
)
