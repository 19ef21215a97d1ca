import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, json, moment } from './column.ts'

/**
 * An owner asked for the account to be closed. Until `due_at` it can be kept, and a lockdown holds it for good. Stays 12 months
 * as the proof of the erasure; holds ids and counts only. Secret: `keep_salt`, `keep_hash`.
 */
export const accountClosings = pgTable(
  'account_closings',
  {
    id: uuid().primaryKey(),
    /** No reference: it outlives the account. */
    accountId: uuid().notNull(),
    /** pending -> closed (nothing opens it, its owner is told) -> erased; or pending -> kept | held. */
    state: text({ enum: ['pending', 'kept', 'held', 'closed', 'erased'] })
      .notNull()
      .default('pending'),
    requestedAt: moment().notNull().defaultNow(),
    dueAt: moment().notNull(),
    /** The mailed link that keeps the account is an HMAC of the id and this salt under a key outside the database. */
    keepSalt: bytes().notNull(),
    keepHash: bytes(),
    closedAt: moment(),
    /** How many rows of each kind were erased. */
    erased: json<Record<string, number>>(),
    /** When nothing was left to be done: also the audit is pseudonymous by then. */
    endedAt: moment(),
  },
  (t) => [
    index('account_closings_account').on(t.accountId, t.requestedAt),
    uniqueIndex('account_closings_one')
      .on(t.accountId)
      .where(sql`state in ('pending', 'closed')`),
    // What the tick goes by.
    index('account_closings_due')
      .on(t.dueAt)
      .where(sql`ended_at is null`),
    index('account_closings_ended_at')
      .on(t.endedAt)
      .where(sql`ended_at is not null`),
    uniqueIndex('account_closings_keep_hash')
      .on(t.keepHash)
      .where(sql`keep_hash is not null`),
    check('account_closings_state', sql`${t.state} in ('pending', 'kept', 'held', 'closed', 'erased')`),
  ],
)
