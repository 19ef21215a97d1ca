import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: accounts whose grace period is over are closed, told, erased, and their audit trail made pseudonymous. */
export const closeAccounts = defineMessage({
  name: 'close.accounts',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 3600,
  everySeconds: 60,
})
