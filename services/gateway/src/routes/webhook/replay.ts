import { Failure } from '@portcullis/contracts/errors'
import { replayDeliveries, replayOneDelivery, type WebhookReplay } from '@portcullis/domain/webhook/replay'
import type { Answer, Route } from '../../http/mount.ts'
import type { WebhookRouteDeps } from './deps.ts'

/** `POST /v1/admin/webhooks/deliveries/{id}/replay`. */
export function replayWebhookDeliveryRoute({ database }: WebhookRouteDeps): Route<'replayWebhookDelivery'> {
  return async ({ session, params, caller }) =>
    answer(await replayOneDelivery(database, params.id, { session, caller }))
}

/** `POST /v1/admin/webhooks/{id}/replay`. */
export function replayWebhookDeliveriesRoute({ database }: WebhookRouteDeps): Route<'replayWebhookDeliveries'> {
  return async ({ session, params, body, caller }) =>
    answer(await replayDeliveries(database, params.id, new Date(body.since), { session, caller }))
}

function answer(replay: WebhookReplay): Answer {
  if (replay.kind !== 'replayed') throw new Failure(replay.kind === 'unknown' ? 'not_found' : 'out_of_order')
  return { status: 202, body: { replayed: replay.count } }
}
