import { sql } from 'drizzle-orm'
import { boolean, index, inet, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A login of an account on one device. Ended rows leave 30 days later.
 * Personal: `ip`, `user_agent`, `country`. Secret: `token_hash` (SHA-256 of the token).
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    tokenHash: bytes().notNull(),
    /** The account's `security_epoch` when it was issued. */
    epoch: integer().notNull(),
    /** The house's epoch when it was issued, see `fences`. */
    globalEpoch: integer().notNull().default(1),
    /** What its owner calls the device, if anything. */
    deviceName: text(),
    userAgent: text(),
    ip: inet(),
    /** ISO 3166-1 alpha-2, as far as registries tell. */
    country: text(),
    /** Whether a second factor was proved at login. */
    secondFactor: boolean().notNull().default(false),
    createdAt: moment().notNull().defaultNow(),
    /** Written at most once a minute. */
    lastSeenAt: moment().notNull().defaultNow(),
    /** When its owner last proved to be there: by login, or by password (and code) since. */
    provedAt: moment().notNull().defaultNow(),
    /** The absolute limit: it ends then however active it is. */
    expiresAt: moment().notNull(),
    revokedAt: moment(),
    revokedBecause: text(),
    /** The bulk revocation or lockdown that ended it, if one did. */
    revokedBy: uuid(),
  },
  (t) => [
    uniqueIndex('sessions_token_hash').on(t.tokenHash),
    // Serves the list, the limit of 50 and the bulk revocation of one account.
    index('sessions_active')
      .on(t.accountId, t.lastSeenAt)
      .where(sql`revoked_at is null`),
    // What the sweeps go by: idle, at the absolute limit, and ended long ago.
    index('sessions_idle')
      .on(t.lastSeenAt)
      .where(sql`revoked_at is null`),
    index('sessions_expires')
      .on(t.expiresAt)
      .where(sql`revoked_at is null`),
    // Accounts by network: an admin's search, and bulk selectors.
    index('sessions_ip')
      .on(t.ip, t.accountId)
      .where(sql`revoked_at is null and ip is not null`),
    // What a bulk revocation took, for its undoing.
    index('sessions_revoked_by')
      .on(t.revokedBy, t.accountId)
      .where(sql`revoked_by is not null`),
    index('sessions_ended')
      .on(t.revokedAt)
      .where(sql`revoked_at is not null`),
  ],
)
