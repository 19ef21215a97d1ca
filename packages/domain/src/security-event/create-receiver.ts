import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { insertAuditEvents } from '@portcullis/db/queries/audit-event'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { insertDelivery } from '@portcullis/db/queries/webhook-delivery'
import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import type { Sealer } from '@portcullis/runtime/seal'
import type { IssuedWebhook, WebhookWish } from '../webhook/create.ts'
import { type AskingAdmin, endpointFact } from '../webhook/fact.ts'
import { sealWebhookSecret } from '../webhook/secret.ts'
import { subscribedActions } from '../webhook/subscription.ts'

/** A receiver of security events that an admin wants. Its address was checked. */
export interface ReceiverWish extends WebhookWish {
  /** `aud` of its tokens. */
  readonly audience: string
  /** Value of `Authorization`, as the receiver wants it. Kept sealed, never shown. */
  readonly authorization?: string
}

/**
 * Makes a receiver, in the caller's transaction, and owes it a verification event at once. Throws `Failure`: `limit_reached`,
 * `validation_failed`, `credential_required`. Source: OpenID SSF 1.0 (verification).
 */
export async function createReceiver(
  tx: Tx,
  sealer: Sealer,
  id: Id<'webhookEndpoint'>,
  wish: ReceiverWish,
  admin: AskingAdmin,
): Promise<IssuedWebhook> {
  if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
  const { authorization, ...rest } = wish
  const endpoint = await insertWebhookEndpoint(tx, {
    id,
    ...rest,
    format: 'security_event',
    actions: subscribedActions('security_event', wish.events),
    ...(authorization !== undefined && {
      authorizationSealed: sealWebhookSecret(sealer, id, Buffer.from(authorization, 'utf8'), 'authorization_sealed'),
    }),
    createdBy: admin.session.accountId,
  })
  if (!endpoint) throw new Failure('limit_reached')
  const fact = endpointFact('webhook_endpoint_created', admin, id, { events: wish.events, format: 'security_event' })
  const { subject, requestId = null, details = {}, actorId = null, ...named } = fact
  const eventId = newId('auditEvent')
  await insertAuditEvents(tx, [
    { ...named, id: eventId, actorId, subjectKind: subject.kind, subjectId: subject.id, requestId, details },
  ])
  await insertDelivery(tx, newId('webhookDelivery'), id, eventId)
  return { endpoint }
}
