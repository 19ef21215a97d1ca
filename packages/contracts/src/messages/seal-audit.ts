import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: audit events that are not yet in the signed chain are sealed. */
export const sealAudit = defineMessage({
  name: 'seal.audit',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.transactional,
  attemptsMost: 3,
  // The next tick does what this one would have done.
  usefulSeconds: 30,
  everySeconds: 2,
})
