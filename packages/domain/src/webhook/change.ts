import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { giveUpLockdownDeliveries } from '@portcullis/db/queries/webhook-delivery'
import {
  deleteWebhookEndpoint,
  lockWebhookEndpoint,
  updateWebhookEndpoint,
  type WebhookEndpointRow,
} from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { enqueue } from '../job/enqueue.ts'
import type { WebhookWish } from './create.ts'
import { type AskingAdmin, endpointFact } from './fact.ts'
import { subscribedActions } from './subscription.ts'

/** What an admin wants to be otherwise; what is absent stays. */
export interface WebhookChange extends Partial<WebhookWish> {
  readonly state?: 'active' | 'disabled'
}

/** Changes an endpoint; `undefined` for one that is not there. */
export async function changeWebhook(
  database: Database,
  id: Id<'webhookEndpoint'>,
  change: WebhookChange,
  admin: AskingAdmin,
): Promise<WebhookEndpointRow | undefined> {
  return inTransaction(database, async (tx) => {
    if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
    const present = await lockWebhookEndpoint(tx, id)
    if (!present) return undefined
    const { url, description, events, state } = change
    const subscription = events && { events, actions: subscribedActions(present.format, events) }
    const changed = await updateWebhookEndpoint(tx, id, { url, description, subscription, state })
    const lockdowns = state === 'disabled' ? await giveUpLockdownDeliveries(tx, id) : []
    for (const lockdownId of lockdowns) await enqueue(tx, 'run.lockdown', { lockdownId }, admin.caller.traceparent)
    const details = { changed: Object.keys(change), ...(events && { events }), ...(state && { state }) }
    await recordFacts(tx, [endpointFact('webhook_endpoint_updated', admin, id, details)])
    return changed
  })
}

/** Deletes an endpoint with its deliveries; `false` for one that is not there. */
export async function deleteWebhook(
  database: Database,
  id: Id<'webhookEndpoint'>,
  admin: AskingAdmin,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
    if (!(await lockWebhookEndpoint(tx, id))) return false
    // Deliveries that vanish are not pending any more: whoever waits for them must look again.
    const lockdowns = await giveUpLockdownDeliveries(tx, id)
    for (const lockdownId of lockdowns) await enqueue(tx, 'run.lockdown', { lockdownId }, admin.caller.traceparent)
    await deleteWebhookEndpoint(tx, id)
    await recordFacts(tx, [endpointFact('webhook_endpoint_deleted', admin, id)])
    return true
  })
}
