import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { WebhookEvent } from '@portcullis/contracts/webhook-event'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { insertWebhookEndpoint, type WebhookEndpointRow } from '@portcullis/db/queries/webhook-endpoint'
import type { Tx } from '@portcullis/db/transaction'
import type { Sealer } from '@portcullis/runtime/seal'
import { recordFacts } from '../audit/record.ts'
import { type AskingAdmin, endpointFact } from './fact.ts'
import { subscribedActions } from './subscription.ts'
import { formatWebhookSecret, newWebhookSecret, sealWebhookSecret } from './secret.ts'

/** An endpoint that an admin wants. Its address was checked. */
export interface WebhookWish {
  readonly url: string
  readonly description: string
  readonly events: readonly (WebhookEvent | '*')[]
}

/** An endpoint with the secret that is shown once. */
export interface IssuedWebhook {
  readonly endpoint: WebhookEndpointRow
  /** Absent where there is none: a receiver of security events. */
  readonly secret?: string
}

/** Makes an endpoint, in the caller's transaction. Throws `Failure`: `limit_reached`, `credential_required`. */
export async function createWebhook(
  tx: Tx,
  sealer: Sealer,
  id: Id<'webhookEndpoint'>,
  wish: WebhookWish,
  admin: AskingAdmin,
): Promise<IssuedWebhook> {
  if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
  const secret = newWebhookSecret()
  const endpoint = await insertWebhookEndpoint(tx, {
    id,
    ...wish,
    actions: subscribedActions('webhook', wish.events),
    secretSealed: sealWebhookSecret(sealer, id, secret),
    createdBy: admin.session.accountId,
  })
  if (!endpoint) throw new Failure('limit_reached')
  await recordFacts(tx, [endpointFact('webhook_endpoint_created', admin, id, { events: wish.events })])
  return { endpoint, secret: formatWebhookSecret(secret) }
}
