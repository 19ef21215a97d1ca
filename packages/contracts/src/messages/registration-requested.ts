import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** Somebody registered. The notifier mails a link that confirms the address, or tells the owner that an account exists. */
export const registrationRequested = defineMessage({
  name: 'registration.requested',
  heardBy: ['notifier'],
  version: 1,
  payloads: { 1: z.strictObject({ registrationId: plainId('registration') }) },
  priority: priorities.transactional,
  attemptsMost: 12,
  usefulSeconds: 24 * 3600,
})
