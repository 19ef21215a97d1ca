import { sql } from 'drizzle-orm'
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { json, moment, xid } from './column.ts'

/**
 * A fact about security, written in the transaction that made it true. Never changed: services may only insert. Leaves after
 * 12 months by `purge_audit`; what is personal of an account that is gone is erased by `erase_audit_of`.
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
    /** Null once it was erased. */
    subjectId: uuid(),
    requestId: text(),
    /** Null once it was erased. */
    details: json<Record<string, unknown>>(),
    /** The transaction that wrote it. The sealer reads what no running transaction can still add to: nothing is passed over. */
    xid: xid()
      .notNull()
      .default(sql`pg_current_xact_id()`),
    /** Salt of the commitments that stand in the chain for what is personal. Null once that was erased. */
    salt: uuid().default(sql`gen_random_uuid()`),
  },
  (t) => [
    // What the sealer reads, in the order of the chain.
    index('audit_events_xid').on(t.xid, t.id),
    index('audit_events_action').on(t.action, t.occurredAt),
    // What staff and API clients did.
    index('audit_events_staff')
      .on(t.actorId, t.occurredAt)
      .where(sql`actor in ('support', 'admin', 'api_client')`),
    index('audit_events_request')
      .on(t.requestId)
      .where(sql`request_id is not null`),
    index('audit_events_account')
      .on(t.accountId, t.occurredAt)
      .where(sql`account_id is not null`),
  ],
)
