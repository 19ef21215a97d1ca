import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: the newest seal of the audit is posted to the outside anchor, where one is set. It vouches for all before it. */
export const anchorSeal = defineMessage({
  name: 'anchor.seal',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 120,
  everySeconds: 30,
})
