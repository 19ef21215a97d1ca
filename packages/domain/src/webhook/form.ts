import { formatId } from '@portcullis/contracts/ids'
import type { DueDelivery } from '@portcullis/db/queries/webhook-delivery'
import type { Sealer } from '@portcullis/runtime/seal'
import { webhookBody } from './payload.ts'
import type { FormOf } from './delivery.ts'
import { openWebhookSecret } from './secret.ts'
import { signWebhook } from './signature.ts'

/** Makes signed webhooks: `webhook-id` the same for every attempt, `webhook-timestamp` the attempt's. Source: Standard Webhooks 1.0.0. */
export function webhookForm(sealer: Sealer): FormOf {
  return (delivery) => {
    const body = webhookBody(delivery.event)
    if (body === undefined) return undefined
    const id = formatId('webhookDelivery', delivery.id)
    const keys = keysOf(sealer, delivery)
    return (now) => {
      const timestampSeconds = Math.floor(now.getTime() / 1000)
      return {
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Portcullis-Webhooks/1',
          'webhook-id': id,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': signWebhook(keys, { id, timestampSeconds, body }),
        },
        body,
      }
    }
  }
}

function keysOf(sealer: Sealer, { endpointId, secretSealed, formerSecretSealed }: DueDelivery): Uint8Array[] {
  if (secretSealed === null) throw new Error('a webhook endpoint without a secret')
  const present = openWebhookSecret(sealer, endpointId, secretSealed)
  if (formerSecretSealed === null) return [present]
  return [present, openWebhookSecret(sealer, endpointId, formerSecretSealed, 'former_secret_sealed')]
}
