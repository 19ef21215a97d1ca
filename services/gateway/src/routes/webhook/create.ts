import { createReceiver } from '@portcullis/domain/security-event/create-receiver'
import { createWebhook } from '@portcullis/domain/webhook/create'
import { newId } from '@portcullis/runtime/id'
import type { Route } from '../../http/mount.ts'
import { requireCallable, type WebhookRouteDeps } from './deps.ts'
import { issueSecretOnce } from './issue.ts'

/** `POST /v1/admin/webhooks`. */
export function createWebhookRoute(deps: WebhookRouteDeps): Route<'createWebhook'> {
  return async ({ session, accountId, body, caller, idempotencyKey }) => {
    await requireCallable(deps.outbound, body.url)
    const endpointId = newId('webhookEndpoint')
    return issueSecretOnce(
      deps,
      { route: 'createWebhook', accountId, key: idempotencyKey, endpointId, said: body },
      (tx) => {
        const { url, description, events, audience, authorization } = body
        const admin = { session, caller }
        const wish = { url, description, events }
        if (audience === undefined) return createWebhook(tx, deps.webhookSealer, endpointId, wish, admin)
        const receiver = { ...wish, audience, ...(authorization !== undefined && { authorization }) }
        return createReceiver(tx, deps.webhookSealer, endpointId, receiver, admin)
      },
    )
  }
}
