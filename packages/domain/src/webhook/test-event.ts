import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { testEvent } from '@portcullis/contracts/webhook-event'
import type { Database } from '@portcullis/db/connect'
import { insertAuditEvents } from '@portcullis/db/queries/audit-event'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { insertDelivery, wasTestedLately } from '@portcullis/db/queries/webhook-delivery'
import { lockWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { type AskingAdmin, endpointFact } from './fact.ts'

/** What a wish for a test came to. */
export type WebhookTest =
  | { readonly kind: 'sent'; readonly deliveryId: Id<'webhookDelivery'> }
  /** `lately`: one was sent within ten seconds. */
  | { readonly kind: 'unknown' | 'disabled' | 'lately' }

/** Sends an endpoint a test event, by the way that every event goes. */
export async function testWebhook(
  database: Database,
  id: Id<'webhookEndpoint'>,
  admin: AskingAdmin,
): Promise<WebhookTest> {
  return inTransaction(database, async (tx): Promise<WebhookTest> => {
    if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
    const endpoint = await lockWebhookEndpoint(tx, id)
    if (!endpoint) return { kind: 'unknown' }
    if (endpoint.state === 'disabled') return { kind: 'disabled' }
    if (await wasTestedLately(tx, id, testEvent.action)) return { kind: 'lately' }
    const {
      subject,
      requestId = null,
      details = {},
      actorId = null,
      ...fact
    } = endpointFact(testEvent.action, admin, id)
    const eventId = newId('auditEvent')
    await insertAuditEvents(tx, [
      { ...fact, id: eventId, actorId, subjectKind: subject.kind, subjectId: subject.id, requestId, details },
    ])
    const deliveryId = newId('webhookDelivery')
    await insertDelivery(tx, deliveryId, id, eventId)
    return { kind: 'sent', deliveryId }
  })
}
