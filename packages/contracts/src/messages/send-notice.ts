import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** Something happened to an account that its owner must know. Source: ASVS 5 6.3.7, NIST SP 800-63B-4 section 4.6. */
export const sendNotice = defineMessage({
  name: 'send.notice',
  heardBy: ['notifier'],
  version: 1,
  payloads: { 1: z.strictObject({ noticeId: plainId('notice') }) },
  priority: priorities.security,
  attemptsMost: 20,
})
