import { Failure } from '@portcullis/contracts/errors'
import { formatId } from '@portcullis/contracts/ids'
import { testWebhook } from '@portcullis/domain/webhook/test-event'
import type { Route } from '../../http/mount.ts'
import type { WebhookRouteDeps } from './deps.ts'

const refusals = { unknown: 'not_found', disabled: 'out_of_order', lately: 'limit_reached' } as const

/** `POST /v1/admin/webhooks/{id}/test`. */
export function testWebhookRoute({ database }: WebhookRouteDeps): Route<'testWebhook'> {
  return async ({ session, params, caller }) => {
    const test = await testWebhook(database, params.id, { session, caller })
    if (test.kind !== 'sent') throw new Failure(refusals[test.kind])
    return { status: 202, body: { deliveryId: formatId('webhookDelivery', test.deliveryId) } }
  }
}
