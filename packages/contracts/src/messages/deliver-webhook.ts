import { z } from 'zod'
import { plainId } from '../ids.ts'
import { defineMessage, priorities } from './message.ts'

/** An event is to be pushed to one endpoint: a signed webhook, or a security event token. */
export const deliverWebhook = defineMessage({
  name: 'deliver.webhook',
  heardBy: ['notifier'],
  version: 1,
  payloads: { 1: z.strictObject({ deliveryId: plainId('webhookDelivery') }) },
  priority: priorities.transactional,
  // The schedule of Standard Webhooks ends it; this bounds crashes only.
  attemptsMost: 100,
})
