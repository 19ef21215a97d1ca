import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A public SSH key of an owner. Three active at a time, by slots as API keys. Revoked rows stay: they are the content of
 * the revocation list.
 */
export const sshKeys = pgTable(
  'ssh_keys',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    slot: smallint().notNull(),
    /** What its owner calls it. Never reaches a server. */
    name: text().notNull(),
    type: text().notNull(),
    /** `type base64`, written anew by the parser. */
    canonical: text().notNull(),
    /** SHA-256 of the key blob. */
    fingerprint: bytes().notNull(),
    epoch: integer().notNull(),
    globalEpoch: integer().notNull().default(1),
    createdAt: moment().notNull().defaultNow(),
    revokedAt: moment(),
    revokedBecause: text(),
    /** The bulk revocation or lockdown that ended it, if one did. */
    revokedBy: uuid(),
  },
  (t) => [
    uniqueIndex('ssh_keys_slot')
      .on(t.accountId, t.slot)
      .where(sql`revoked_at is null`),
    uniqueIndex('ssh_keys_fingerprint')
      .on(t.accountId, t.fingerprint)
      .where(sql`revoked_at is null`),
    index('ssh_keys_account').on(t.accountId, t.id),
    index('ssh_keys_revoked')
      .on(t.revokedAt)
      .where(sql`revoked_at is not null`),
    index('ssh_keys_revoked_by')
      .on(t.revokedBy, t.accountId)
      .where(sql`revoked_by is not null`),
    check('ssh_keys_slots', sql`${t.slot} between 1 and 3`),
  ],
)
