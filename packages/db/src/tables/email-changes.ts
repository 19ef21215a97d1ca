import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, moment } from './column.ts'

/**
 * A change of address: asked for, confirmed from the new mailbox, and for 7 days reversible from the old one, which stays
 * the trusted address so long. Leaves 30 days after it is over.
 * Personal: addresses. Secret: `*_salt`, `*_hash`.
 */
export const emailChanges = pgTable(
  'email_changes',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    oldEmail: text().notNull(),
    oldEmailKey: text().notNull(),
    newEmail: text().notNull(),
    newEmailKey: text().notNull(),
    /** requested -> confirmed -> final; or requested -> void, confirmed -> reverted. */
    state: text({ enum: ['requested', 'confirmed', 'final', 'void', 'reverted'] })
      .notNull()
      .default('requested'),
    /** Mailed tokens are HMACs of the id and these salts under a key outside the database. */
    confirmSalt: bytes().notNull(),
    confirmHash: bytes(),
    revertSalt: bytes().notNull(),
    revertHash: bytes(),
    /** The account's `security_epoch` when it was asked for: a lockdown voids it. */
    epoch: integer().notNull(),
    requestedAt: moment().notNull().defaultNow(),
    expiresAt: moment().notNull(),
    confirmedAt: moment(),
    /** Until then the old mailbox may revert, and is the trusted address. */
    revertUntil: moment(),
    endedAt: moment(),
  },
  (t) => [
    uniqueIndex('email_changes_pending')
      .on(t.accountId)
      .where(sql`state = 'requested'`),
    index('email_changes_account').on(t.accountId, t.requestedAt),
    index('email_changes_revertible')
      .on(t.revertUntil)
      .where(sql`state = 'confirmed'`),
    index('email_changes_old')
      .on(t.oldEmailKey)
      .where(sql`state = 'confirmed'`),
    index('email_changes_expires_at')
      .on(t.expiresAt)
      .where(sql`state = 'requested'`),
    uniqueIndex('email_changes_confirm_hash')
      .on(t.confirmHash)
      .where(sql`confirm_hash is not null`),
    uniqueIndex('email_changes_revert_hash')
      .on(t.revertHash)
      .where(sql`revert_hash is not null`),
    check('email_changes_state', sql`${t.state} in ('requested', 'confirmed', 'final', 'void', 'reverted')`),
  ],
)
