import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { json, moment } from './column.ts'
import { operations } from './operations.ts'

/**
 * An admin's revocation of many: what was said, what it came to. Its targets are frozen in `revocation_targets`. Stays
 * 12 months, as the audit trail does.
 */
export const bulkRevocations = pgTable(
  'bulk_revocations',
  {
    id: uuid()
      .primaryKey()
      .references(() => operations.id),
    /** As it was checked: the parts are ANDed; everyone is said explicitly. */
    selector: json<Record<string, unknown>>().notNull(),
    /** `sessions`, `apiKeys`, `sshKeys`. */
    kinds: text().array().notNull(),
    reason: text().notNull(),
    state: text({
      enum: ['draft', 'approved', 'running', 'paused', 'cancelled', 'done', 'undoing', 'undone', 'failed'],
    })
      .notNull()
      .default('draft'),
    createdBy: uuid().notNull(),
    /** The session that runs the job: spared unless asked otherwise. */
    createdBySession: uuid(),
    sparesOwnSession: boolean().notNull().default(true),
    needsApproval: boolean().notNull(),
    approvedBy: uuid(),
    approvedAt: moment(),
    /** What the dry run counted: accounts and credentials of each kind. */
    counts: json<Record<string, number>>().notNull(),
    /** Raise the house's fence at the start: effective at the next request. For everyone only. */
    fence: boolean().notNull().default(false),
    /** Credentials at most in a second. Null: as fast as it can without stalling logins. */
    ratePerSecond: integer(),
    /** The house's epoch that its credentials are judged under: that of before its own fence. */
    globalEpoch: integer().notNull().default(1),
    /** Since when it is at work without a break, and how much was done by then: what its speed is reckoned from. */
    runningSince: moment(),
    doneBefore: integer().notNull().default(0),
    /** When, under its cap, the next credential may go. */
    pacedUntil: moment(),
    createdAt: moment().notNull().defaultNow(),
    frozenAt: moment(),
    startedAt: moment(),
    startedBy: uuid(),
    endedAt: moment(),
    undoUntil: moment(),
    undoneAt: moment(),
    undoneBy: uuid(),
    /** What was revoked, and what was brought back, of each kind. */
    revoked: json<Record<string, number>>(),
    restored: json<Record<string, number>>(),
  },
  (t) => [
    check(
      'bulk_revocations_state',
      sql`${t.state} in ('draft', 'approved', 'running', 'paused', 'cancelled', 'done', 'undoing', 'undone', 'failed')`,
    ),
    check('bulk_revocations_four_eyes', sql`${t.approvedBy} is null or ${t.approvedBy} <> ${t.createdBy}`),
  ],
)
