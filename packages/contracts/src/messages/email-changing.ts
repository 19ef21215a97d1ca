import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** Somebody asked for another address: the new mailbox is sent a link that confirms it. */
export const emailChanging = defineMessage({
  name: 'email.changing',
  heardBy: ['notifier'],
  version: 1,
  payloads: { 1: z.strictObject({ emailChangeId: plainId('emailChange') }) },
  priority: priorities.transactional,
  attemptsMost: 12,
  usefulSeconds: 24 * 3600,
})
