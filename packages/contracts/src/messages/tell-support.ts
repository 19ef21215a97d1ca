import { z } from 'zod'
import { plainId } from '../ids.ts'
import { services } from '../service.ts'
import { defineMessage, priorities } from './message.ts'

/**
 * Support is told, by chat or mail: of a lockdown, a receiver that was given up, an API client whose secret was found in public, or
 * a queue that lockdowns need and that somebody has paused.
 */
export const tellSupport = defineMessage({
  name: 'tell.support',
  heardBy: ['notifier'],
  version: 1,
  payloads: {
    1: z.union([
      z.strictObject({ lockdownId: plainId('lockdown') }),
      z.strictObject({ webhookEndpointId: plainId('webhookEndpoint') }),
      z.strictObject({ apiClientId: plainId('apiClient') }),
      z.strictObject({ pauseId: z.uuid(), queue: z.enum(services), message: z.string() }),
    ]),
  },
  priority: priorities.security,
  attemptsMost: 100,
  neverPaused: true,
})
