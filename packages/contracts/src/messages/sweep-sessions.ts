import { z } from 'zod'
import { sessionSweepNames } from '../sweep-name.ts'
import { defineMessage, priorities } from './message.ts'

/**
 * Tick, and an admin's wish: sessions that have expired or were idle too long leave. They opened nothing before, either.
 * `sweep`: that one alone.
 */
export const sweepSessions = defineMessage({
  name: 'sweep.sessions',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({ sweep: z.enum(sessionSweepNames).optional() }) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 3600,
  everySeconds: 60,
})
