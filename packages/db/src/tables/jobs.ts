import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { json, moment } from './column.ts'

/**
 * The ledger: one message addressed to one service. Outbox, inbox, history and dead-letter list in one.
 * Done rows leave after a few days by the sweeper. Holds ids only: no secret, no address.
 */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid().primaryKey(),
    message: text().notNull(),
    version: smallint().notNull(),
    hearer: text().notNull(),
    payload: json<Record<string, unknown>>().notNull(),
    /** Lower is sooner. */
    priority: smallint().notNull(),
    runAt: moment().notNull().defaultNow(),
    /** pending -> published -> done | dead; back to pending for a retry or when it was lost. */
    state: text({ enum: ['pending', 'published', 'done', 'dead'] })
      .notNull()
      .default('pending'),
    /** How often it was handed out. A delivery of an older generation is ignored. */
    generation: integer().notNull().default(0),
    /** How often an execution with effects began. Only the newest may write: the fencing token. */
    epoch: integer().notNull().default(0),
    /** Failed executions, and those with effects when they began. */
    attempts: smallint().notNull().default(0),
    /** Until when the execution of `epoch` owns the job. Null: nobody does. */
    leaseUntil: moment(),
    /** Why it ended or was put off: a code, never text from outside. */
    lastErrorCode: text(),
    createdAt: moment().notNull().defaultNow(),
    publishedAt: moment(),
    doneAt: moment(),
    operationId: uuid(),
    /** W3C trace context of the request that caused it. */
    traceparent: text(),
    /** Names the slot of a tick, so that many relays make one. */
    slot: text(),
  },
  (t) => [
    check('jobs_state', sql`${t.state} in ('pending', 'published', 'done', 'dead')`),
    index('jobs_due')
      .on(t.hearer, t.priority, t.runAt)
      .where(sql`state = 'pending'`),
    index('jobs_published')
      .on(t.publishedAt)
      .where(sql`state = 'published'`),
    index('jobs_ended')
      .on(t.doneAt)
      .where(sql`state in ('done', 'dead')`),
    index('jobs_dead')
      .on(t.hearer)
      .where(sql`state = 'dead'`),
    uniqueIndex('jobs_slot')
      .on(t.slot)
      .where(sql`slot is not null`),
  ],
)
