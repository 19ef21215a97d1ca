import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: each service ends and deletes what has outlived its use among the rows that it looks after. */
export const purgeExpired = defineMessage({
  name: 'purge.expired',
  heardBy: ['reset-mailer', 'notifier'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 3600,
  everySeconds: 300,
})
