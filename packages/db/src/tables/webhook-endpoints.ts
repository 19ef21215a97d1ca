import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/**
 * Where security events are pushed: a signed webhook (Standard Webhooks 1.0), or a receiver of security event tokens
 * (RFC 8935). Secret: `secret_sealed`, `former_secret_sealed`, `authorization_sealed` (AES-256-GCM, bound to this row).
 */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid().primaryKey(),
    format: text({ enum: ['webhook', 'security_event'] }).notNull(),
    url: text().notNull(),
    description: text().notNull(),
    /** The audit actions that are pushed to it: the expansion of what was subscribed to. */
    actions: text().array().notNull(),
    /** What was subscribed to, as the caller named it. */
    events: text().array().notNull(),
    /** `aud` of the tokens; of a security event receiver only. */
    audience: text(),
    secretSealed: text(),
    /** Signs beside the new one until then. */
    formerSecretSealed: text(),
    formerSecretUntil: moment(),
    /** Sent as `Authorization`; of a security event receiver only. */
    authorizationSealed: text(),
    state: text({ enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    disabledBecause: text(),
    /** Since when every attempt failed. */
    failingSince: moment(),
    failures: integer().notNull().default(0),
    createdAt: moment().notNull().defaultNow(),
    createdBy: uuid(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (t) => [
    index('webhook_endpoints_active')
      .on(t.id)
      .where(sql`state = 'active'`),
    check('webhook_endpoints_format', sql`${t.format} in ('webhook', 'security_event')`),
    check('webhook_endpoints_state', sql`${t.state} in ('active', 'disabled')`),
  ],
)
