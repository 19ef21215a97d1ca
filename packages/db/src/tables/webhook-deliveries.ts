import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'
import { webhookEndpoints } from './webhook-endpoints.ts'

/**
 * One event for one endpoint. Its id is the `webhook-id` of every attempt. What is sent is made from the audit event.
 * Leaves 30 days later.
 */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid().primaryKey(),
    endpointId: uuid()
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    auditEventId: uuid().notNull(),
    /** The lockdown that it tells of, if it does. */
    lockdownId: uuid(),
    state: text({ enum: ['pending', 'delivered', 'dead'] })
      .notNull()
      .default('pending'),
    attempts: integer().notNull().default(0),
    /** HTTP status of the last attempt; null where there was no answer. */
    lastStatus: smallint(),
    /** Why the last attempt failed: a code. */
    lastErrorCode: text(),
    createdAt: moment().notNull().defaultNow(),
    nextAttemptAt: moment(),
    deliveredAt: moment(),
  },
  (t) => [
    uniqueIndex('webhook_deliveries_event').on(t.endpointId, t.auditEventId),
    index('webhook_deliveries_endpoint').on(t.endpointId, t.createdAt),
    index('webhook_deliveries_created_at').on(t.createdAt),
    index('webhook_deliveries_lockdown')
      .on(t.lockdownId)
      .where(sql`lockdown_id is not null`),
    check('webhook_deliveries_state', sql`${t.state} in ('pending', 'delivered', 'dead')`),
  ],
)
