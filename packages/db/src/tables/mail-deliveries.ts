import { integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'

/**
 * One mail to one person: the record of an external effect. The same row, and so the same Message-ID, serves every
 * repeat. Leaves 30 days later. Holds no address and no text.
 */
export const mailDeliveries = pgTable(
  'mail_deliveries',
  {
    id: uuid().primaryKey(),
    /** The job that sends it: one mail a job. */
    jobId: uuid().notNull(),
    template: text().notNull(),
    messageId: text().notNull(),
    /** How often it was handed to the mail server, or may have been. */
    attempts: integer().notNull().default(1),
    /** SMTP status of a final refusal. */
    refusedStatus: integer(),
    createdAt: moment().notNull().defaultNow(),
    sentAt: moment(),
  },
  (t) => [uniqueIndex('mail_deliveries_job').on(t.jobId)],
)
