import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: every lockdown that is not contained is looked after again, whatever became of its jobs. */
export const watchLockdowns = defineMessage({
  name: 'watch.lockdowns',
  heardBy: ['lockdown'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.security,
  attemptsMost: 3,
  usefulSeconds: 600,
  everySeconds: 60,
})
