import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/**
 * A lockdown was opened, or something that it waits for has happened. The lockdown service does what is still to be done
 * and proves it; said again, it does no more than is left.
 */
export const runLockdown = defineMessage({
  name: 'run.lockdown',
  heardBy: ['lockdown'],
  version: 1,
  payloads: { 1: z.strictObject({ lockdownId: plainId('lockdown') }) },
  priority: priorities.security,
  attemptsMost: 50,
})
