import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, json, moment } from './column.ts'
import { operations } from './operations.ts'

/**
 * One compromise of one account, from "this wasn't me" to the owner being back. One at a time for an account: a further
 * trigger joins it. Stays as long as the account, as evidence. Secret: `recovery_*`, `grant_hash`.
 */
export const lockdowns = pgTable(
  'lockdowns',
  {
    id: uuid()
      .primaryKey()
      .references(() => operations.id),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    trigger: text({ enum: ['owner', 'link', 'admin', 'api_client', 'signal', 'email_reverted'] }).notNull(),
    /** In the words of whoever opened it; shown to staff. */
    reason: text(),
    /** From when on the intruder may have been at work: what was made since is suspect. */
    compromisedSince: moment().notNull(),
    /** The account's epoch since this lockdown: whatever has an older one is void. */
    epoch: integer().notNull(),
    /** open -> contained (every step proven) -> recovered; an owner may recover before the last teller is told. */
    state: text({ enum: ['open', 'contained', 'recovered'] })
      .notNull()
      .default('open'),
    /** Where its owner stands: none -> password -> second_factor -> review -> done. */
    recovery: text({ enum: ['none', 'begun', 'second_factor', 'review', 'done'] })
      .notNull()
      .default('none'),
    /** How many triggers joined it later. */
    joined: integer().notNull().default(0),
    /** What existed at that moment: counts and ids, no secret. */
    snapshot: json<Record<string, unknown>>().notNull(),
    /** One `txn` for all security events of this lockdown (SSF SET profile). */
    txn: uuid().notNull(),
    /** The mailed recovery token is an HMAC of the id and this salt under a key outside the database. */
    recoverySalt: bytes().notNull(),
    recoveryHash: bytes(),
    /** SHA-256 of what a begun recovery goes on with. */
    grantHash: bytes(),
    grantExpiresAt: moment(),
    openedAt: moment().notNull().defaultNow(),
    containedAt: moment(),
    recoveredAt: moment(),
  },
  (t) => [
    uniqueIndex('lockdowns_one')
      .on(t.accountId)
      .where(sql`state <> 'recovered'`),
    index('lockdowns_account').on(t.accountId, t.openedAt),
    index('lockdowns_open')
      .on(t.openedAt)
      .where(sql`contained_at is null`),
    uniqueIndex('lockdowns_recovery_hash')
      .on(t.recoveryHash)
      .where(sql`recovery_hash is not null`),
    check('lockdowns_state', sql`${t.state} in ('open', 'contained', 'recovered')`),
  ],
)
