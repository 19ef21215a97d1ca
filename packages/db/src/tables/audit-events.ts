import { sql } from 'drizzle-orm'
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { json, moment } from './column.ts'

/**
 * A fact about security, written in the transaction that made it true. Never changed. Leaves after 12 months.
 * Holds ids and codes; no address, no secret, no full network address.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid().primaryKey(),
    occurredAt: moment().notNull().defaultNow(),
    /** OWASP logging vocabulary where it has a word, else `noun_past`. */
    action: text().notNull(),
    /** Whose account it concerns, where that is known. */
    accountId: uuid(),
    actor: text({ enum: ['anonymous', 'account', 'api_client', 'support', 'admin', 'system'] }).notNull(),
    actorId: uuid(),
    /** What it happened to, as `kind` and id. */
    subjectKind: text().notNull(),
    subjectId: uuid().notNull(),
    requestId: text(),
    details: json<Record<string, unknown>>().notNull(),
  },
  (t) => [
    index('audit_events_account')
      .on(t.accountId, t.occurredAt)
      .where(sql`account_id is not null`),
  ],
)
