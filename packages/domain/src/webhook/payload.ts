import { formatId } from '@portcullis/contracts/ids'
import { publicSubjectId, webhookEventOf, type WebhookPayload } from '@portcullis/contracts/webhook-event'
import type { DueDelivery } from '@portcullis/db/queries/webhook-delivery'

/** Details that are codes. Of the others only counts and yes or no are told. */
const codes = new Set(['because', 'trigger', 'outcome', 'step', 'kind', 'type', 'factors', 'decision', 'txn'])

/** How a code looks. */
const codeForm = /^[\w+.-]{1,64}$/

/**
 * The body for an event; `undefined` for one that has no public name (any more). The same event always makes the same
 * body, byte for byte. Holds ids, counts and codes: no address, name, secret or network.
 */
export function webhookBody(event: DueDelivery['event']): string | undefined {
  const type = webhookEventOf(event.action)
  if (type === undefined) return undefined
  const { lockdownId } = event.details
  const payload = {
    // Guarantee: `webhookEventOf` gives names of the catalogue only.
    type: type as WebhookPayload['type'],
    timestamp: event.occurredAt.toISOString(),
    data: {
      id: formatId('auditEvent', event.id),
      accountId: event.accountId === null ? null : formatId('account', event.accountId),
      subject: { kind: event.subjectKind, id: publicSubjectId(event.subjectKind, event.subjectId) },
      actor: event.actor,
      ...(typeof lockdownId === 'string' && { lockdownId: publicSubjectId('lockdown', lockdownId) }),
      details: Object.fromEntries(Object.entries(event.details).flatMap(told)),
    },
  } satisfies WebhookPayload
  return JSON.stringify(payload)
}

function told([name, value]: readonly [string, unknown]): [string, number | boolean | string][] {
  if (typeof value === 'number' || typeof value === 'boolean') return [[name, value]]
  return typeof value === 'string' && codes.has(name) && codeForm.test(value) ? [[name, value]] : []
}
