import { rotateWebhookSecret, secretOverlapSeconds } from '@portcullis/domain/webhook/rotate-secret'
import type { Route } from '../../http/mount.ts'
import type { WebhookRouteDeps } from './deps.ts'
import { issueSecretOnce } from './issue.ts'

/** `POST /v1/admin/webhooks/{id}/secret`. */
export function rotateWebhookSecretRoute(deps: WebhookRouteDeps): Route<'rotateWebhookSecret'> {
  return async ({ session, accountId, params, body, caller, idempotencyKey }) => {
    const { id: endpointId } = params
    const overlapSeconds = body.overlapSeconds ?? secretOverlapSeconds
    const said = [endpointId, overlapSeconds]
    return issueSecretOnce(
      deps,
      { route: 'rotateWebhookSecret', accountId, key: idempotencyKey, endpointId, said },
      (tx) => rotateWebhookSecret(tx, deps.webhookSealer, endpointId, overlapSeconds, { session, caller }),
    )
  }
}
