import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** An owner asked for a copy of all that is kept of them. */
export const makeExport = defineMessage({
  name: 'make.export',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({ exportId: plainId('operation') }) },
  priority: priorities.transactional,
  attemptsMost: 8,
})
