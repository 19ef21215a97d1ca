import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { bulkRevocations } from './bulk-revocations.ts'
import { moment } from './column.ts'

/** One account of a bulk revocation, frozen before it starts, and what became of it. */
export const revocationTargets = pgTable(
  'revocation_targets',
  {
    revocationId: uuid()
      .notNull()
      .references(() => bulkRevocations.id, { onDelete: 'cascade' }),
    accountId: uuid().notNull(),
    /** Equal parts, by the order of ids. They are worked off side by side. */
    shard: smallint().notNull(),
    state: text({ enum: ['pending', 'done', 'failed', 'undone'] })
      .notNull()
      .default('pending'),
    sessions: integer().notNull().default(0),
    apiKeys: integer().notNull().default(0),
    sshKeys: integer().notNull().default(0),
    errorCode: text(),
    doneAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.revocationId, t.accountId] }),
    index('revocation_targets_shard')
      .on(t.revocationId, t.shard, t.accountId)
      .where(sql`state = 'pending'`),
    index('revocation_targets_done')
      .on(t.revocationId, t.shard, t.accountId)
      .where(sql`state = 'done'`),
    check('revocation_targets_state', sql`${t.state} in ('pending', 'done', 'failed', 'undone')`),
  ],
)
