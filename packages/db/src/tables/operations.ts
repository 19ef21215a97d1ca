import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/**
 * Long work that a caller can watch: status and progress, whatever the kind. What it is about stands in the table of its
 * kind, under the same id. Leaves with that row.
 */
export const operations = pgTable(
  'operations',
  {
    id: uuid().primaryKey(),
    kind: text({ enum: ['lockdown', 'bulk_revocation', 'account_export'] }).notNull(),
    /** Whose account it concerns, if it is one. Its owner may watch. */
    accountId: uuid(),
    /** Who asked for it, as in `audit_events`. */
    actor: text({ enum: ['anonymous', 'account', 'api_client', 'support', 'admin', 'system'] }).notNull(),
    actorId: uuid(),
    status: text({ enum: ['running', 'paused', 'done', 'failed', 'cancelled'] })
      .notNull()
      .default('running'),
    /** How much is done of `total`: steps, targets. */
    done: integer().notNull().default(0),
    total: integer().notNull().default(0),
    errorCode: text(),
    createdAt: moment().notNull().defaultNow(),
    /** Rises with every change: what a watcher looks at. */
    updatedAt: moment().notNull().defaultNow(),
    endedAt: moment(),
  },
  (t) => [
    check('operations_kind', sql`${t.kind} in ('lockdown', 'bulk_revocation', 'account_export')`),
    check('operations_status', sql`${t.status} in ('running', 'paused', 'done', 'failed', 'cancelled')`),
    index('operations_running')
      .on(t.kind, t.createdAt)
      .where(sql`status in ('running', 'paused')`),
  ],
)
