import { formatId } from '@portcullis/contracts/ids'
import { webhookEventOf } from '@portcullis/contracts/webhook-event'
import type { WebhookDeliveryRow } from '@portcullis/db/queries/webhook-delivery'
import type { WebhookEndpointRow } from '@portcullis/db/queries/webhook-endpoint'

/** An endpoint as admins see it. */
export function showWebhook(endpoint: WebhookEndpointRow): Record<string, unknown> {
  return {
    id: formatId('webhookEndpoint', endpoint.id),
    format: endpoint.format,
    url: endpoint.url,
    description: endpoint.description,
    audience: endpoint.audience,
    events: endpoint.events,
    state: endpoint.state,
    disabledBecause: endpoint.disabledBecause,
    failingSince: endpoint.failingSince?.toISOString() ?? null,
    failures: endpoint.failures,
    formerSecretUntil: endpoint.formerSecretUntil?.toISOString() ?? null,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  }
}

/** A delivery as admins see it. */
export function showDelivery(delivery: WebhookDeliveryRow): Record<string, unknown> {
  return {
    id: formatId('webhookDelivery', delivery.id),
    event: (delivery.action !== null && webhookEventOf(delivery.action)) || null,
    state: delivery.state,
    attempts: delivery.attempts,
    lastStatus: delivery.lastStatus,
    lastErrorCode: delivery.lastErrorCode,
    createdAt: delivery.createdAt.toISOString(),
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
  }
}
