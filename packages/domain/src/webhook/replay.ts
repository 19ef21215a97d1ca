import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { lockDelivery, replayDeadDeliveries, replayDelivery } from '@portcullis/db/queries/webhook-delivery'
import { lockWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { type AskingAdmin, endpointFact } from './fact.ts'

/** Deliveries of one bulk replay. */
const replaysMost = 1000

/** What a wish for a replay came to. */
export type WebhookReplay =
  | { readonly kind: 'replayed'; readonly count: number }
  /** `disabled`: its endpoint must be switched on first. */
  | { readonly kind: 'unknown' | 'disabled' }

/** Sends a delivery that is over again, under the same id. One that is pending is left alone: 0. */
export async function replayOneDelivery(
  database: Database,
  id: Id<'webhookDelivery'>,
  admin: AskingAdmin,
): Promise<WebhookReplay> {
  return inTransaction(database, async (tx): Promise<WebhookReplay> => {
    if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
    const delivery = await lockDelivery(tx, id)
    if (!delivery) return { kind: 'unknown' }
    if (delivery.endpointState === 'disabled') return { kind: 'disabled' }
    const count = Number(await replayDelivery(tx, id))
    await recordFacts(tx, [
      endpointFact('webhook_replayed', admin, delivery.endpointId, { deliveryId: id, replayed: count }),
    ])
    return { kind: 'replayed', count }
  })
}

/** Sends the dead deliveries of an endpoint since then again: a bounded number, the oldest first. */
export async function replayDeliveries(
  database: Database,
  id: Id<'webhookEndpoint'>,
  since: Date,
  admin: AskingAdmin,
): Promise<WebhookReplay> {
  return inTransaction(database, async (tx): Promise<WebhookReplay> => {
    if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
    const endpoint = await lockWebhookEndpoint(tx, id)
    if (!endpoint) return { kind: 'unknown' }
    if (endpoint.state === 'disabled') return { kind: 'disabled' }
    const count = await replayDeadDeliveries(tx, id, since, replaysMost)
    await recordFacts(tx, [
      endpointFact('webhook_replayed', admin, id, { replayed: count, since: since.toISOString() }),
    ])
    return { kind: 'replayed', count }
  })
}
