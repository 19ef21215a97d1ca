import { z } from 'zod'
import { plainId } from '../ids.ts'
import { revocationShards } from '../revocation.ts'
import { defineMessage, priorities } from './message.ts'

/**
 * One shard of a bulk revocation is to be worked off: forth while it runs, back while it is undone. Said again, it does no
 * more than is left; of one that is paused or over it does nothing.
 */
export const runRevocation = defineMessage({
  name: 'run.revocation',
  heardBy: ['revoker'],
  version: 1,
  payloads: {
    1: z.strictObject({
      revocationId: plainId('revocation'),
      shard: z
        .int()
        .min(0)
        .max(revocationShards - 1),
    }),
  },
  priority: priorities.bulk,
  attemptsMost: 50,
})
