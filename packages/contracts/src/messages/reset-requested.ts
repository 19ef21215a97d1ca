import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** Somebody asked for a reset mail. The mailer finds the account, makes the token and mails it. */
export const resetRequested = defineMessage({
  name: 'reset.requested',
  heardBy: ['reset-mailer'],
  version: 1,
  payloads: { 1: z.strictObject({ passwordResetId: plainId('passwordReset') }) },
  priority: priorities.security,
  attemptsMost: 12,
  usefulSeconds: 30 * 60,
})
