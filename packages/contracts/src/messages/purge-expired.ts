import { z } from 'zod'
import { retentionSweepNames } from '../sweep-name.ts'
import { defineMessage, priorities } from './message.ts'

/** Tick, and an admin's wish: whatever has outlived its use, of every kind, is ended or deleted. `sweep`: that one alone. */
export const purgeExpired = defineMessage({
  name: 'purge.expired',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({ sweep: z.enum(retentionSweepNames).optional() }) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 3600,
  everySeconds: 300,
})
