import type { Routes } from '../../http/mount.ts'
import { changeWebhookRoute, deleteWebhookRoute } from './change.ts'
import { createWebhookRoute } from './create.ts'
import type { WebhookRouteDeps } from './deps.ts'
import { listWebhookDeliveriesRoute, listWebhooksRoute } from './list.ts'
import { replayWebhookDeliveriesRoute, replayWebhookDeliveryRoute } from './replay.ts'
import { rotateWebhookSecretRoute } from './rotate.ts'
import { testWebhookRoute } from './test-event.ts'

/** The calls of webhooks. */
type WebhookRoutes = Pick<
  Routes,
  | 'listWebhooks'
  | 'createWebhook'
  | 'changeWebhook'
  | 'deleteWebhook'
  | 'rotateWebhookSecret'
  | 'testWebhook'
  | 'listWebhookDeliveries'
  | 'replayWebhookDelivery'
  | 'replayWebhookDeliveries'
>

/** Every call of webhooks with what the gateway does on it. */
export function createWebhookRoutes(deps: WebhookRouteDeps): WebhookRoutes {
  return {
    listWebhooks: listWebhooksRoute(deps),
    createWebhook: createWebhookRoute(deps),
    changeWebhook: changeWebhookRoute(deps),
    deleteWebhook: deleteWebhookRoute(deps),
    rotateWebhookSecret: rotateWebhookSecretRoute(deps),
    testWebhook: testWebhookRoute(deps),
    listWebhookDeliveries: listWebhookDeliveriesRoute(deps),
    replayWebhookDelivery: replayWebhookDeliveryRoute(deps),
    replayWebhookDeliveries: replayWebhookDeliveriesRoute(deps),
  }
}
