import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { keyNameField, momentField } from './field.ts'
import { listOf } from './list.ts'
import { eventsField, formatField, newWebhookSchema, urlField } from './webhook-field.ts'

const exampleId = `${idPrefixes.webhookEndpoint}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`
const exampleDelivery = `${idPrefixes.webhookDelivery}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`

const admin = { kind: 'session', proof: true, permission: 'webhooks.manage' } as const
const reader = { kind: 'session', proof: false, permission: 'webhooks.read' } as const

const endpointSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the endpoint.', examples: [exampleId] }),
    format: formatField,
    url: urlField,
    description: z.string().meta({ description: 'What it is for.', examples: ['Fraud desk'] }),
    audience: z
      .string()
      .nullable()
      .meta({ description: '`aud` of its security event tokens; null for a webhook.', examples: [null] }),
    events: z.array(z.string()).meta({ description: 'What it is told.', examples: [['account.locked']] }),
    state: z.enum(['active', 'disabled']),
    disabledBecause: z
      .enum(['admin', 'gone', 'failing'])
      .nullable()
      .meta({ description: 'By an admin, by its own answer 410, or after five days of failures.' }),
    failingSince: momentField('Since when every attempt has failed; null: the last one did not.').nullable(),
    failures: z.number().meta({ description: 'Failures since then.', examples: [0] }),
    formerSecretUntil: momentField('Until when the former secret signs as well; null: there is none.').nullable(),
    createdAt: momentField('When it was made.'),
    updatedAt: momentField('When it was last changed.'),
  })
  .meta({ id: 'WebhookEndpoint', description: 'An endpoint. Never its secret.' })

const secretField = z.string().meta({
  description: 'Verifies the signatures. Shown now and never again; absent in the answer to a repeated request.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
})

const issuedSchema = z
  .strictObject({ ...endpointSchema.shape, secret: secretField.optional() })
  .meta({ id: 'IssuedWebhookEndpoint', description: 'Made.' })

const deliverySchema = z
  .strictObject({
    id: z.string().meta({ description: 'The `webhook-id` of every attempt.', examples: [exampleDelivery] }),
    event: z
      .string()
      .nullable()
      .meta({ description: 'What it tells; null: not told any more.', examples: ['account.locked'] }),
    state: z.enum(['pending', 'delivered', 'dead']),
    attempts: z.number().meta({ description: 'How often it was tried.', examples: [1] }),
    lastStatus: z
      .number()
      .nullable()
      .meta({ description: 'HTTP status of the last attempt; null: no answer.', examples: [200] }),
    lastErrorCode: z
      .string()
      .nullable()
      .meta({ description: 'Why the last attempt failed.', examples: [null] }),
    createdAt: momentField('When it happened.'),
    nextAttemptAt: momentField('When it is tried again; null: now, or never.').nullable(),
    deliveredAt: momentField('When it was taken; null: not yet.').nullable(),
  })
  .meta({ description: 'One event for one endpoint.' })

const params = z.strictObject({ id: publicId('webhookEndpoint') })

const stateField = z.enum(['pending', 'delivered', 'dead'])

const group = 'Webhooks'

/** `GET /v1/admin/webhooks`: every endpoint. */
export const listWebhooks = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/webhooks',
  name: 'listWebhooks',
  group,
  summary: 'All webhook endpoints',
  description: 'Newest first; there are 50 at most, so there is one page. Never a secret.',
  access: reader,
  answers: { 200: listOf('WebhookEndpointList', endpointSchema) },
  refusals: [],
})

/** `POST /v1/admin/webhooks`: make one. */
export const createWebhook = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/webhooks',
  name: 'createWebhook',
  group,
  summary: 'Make a webhook endpoint',
  description:
    'Events are posted to it from now on, signed with the secret that is shown in this answer and never again. Each is tried for three ' +
    'days, ten times; an endpoint that answers 410, or fails for five days, is disabled. Redirects are not followed. With the format `security_event` it ' +
    'is sent security event tokens (CAEP, RISC) of those events that have one, signed by a key of `/.well-known/jwks.json`, and a verification event at once.',
  access: admin,
  idempotent: true,
  body: newWebhookSchema,
  answers: { 201: issuedSchema },
  refusals: ['limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `PATCH /v1/admin/webhooks/{id}`: change it, or switch it off and on. */
export const changeWebhook = defineEndpoint({
  method: 'PATCH',
  path: '/v1/admin/webhooks/{id}',
  name: 'changeWebhook',
  group,
  summary: 'Change a webhook endpoint',
  description:
    'What is absent stays. Switched off, it is told nothing, and what was pending is dead; switched on, it is told what happens from ' +
    'then on, and what is dead can be replayed.',
  access: admin,
  params,
  body: z.strictObject({
    url: urlField.optional(),
    description: keyNameField.optional(),
    events: eventsField.optional(),
    state: z.enum(['active', 'disabled']).optional(),
  }),
  answers: { 200: endpointSchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `DELETE /v1/admin/webhooks/{id}`: take it away with its deliveries. */
export const deleteWebhook = defineEndpoint({
  method: 'DELETE',
  path: '/v1/admin/webhooks/{id}',
  name: 'deleteWebhook',
  group,
  summary: 'Delete a webhook endpoint',
  description: 'Its deliveries go with it; nothing more is sent.',
  access: admin,
  params,
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `POST /v1/admin/webhooks/{id}/secret`: a new secret. */
export const rotateWebhookSecret = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/webhooks/{id}/secret',
  name: 'rotateWebhookSecret',
  group,
  summary: 'Rotate the secret of an endpoint',
  description:
    'The new secret is shown once. For the overlap every attempt carries two signatures, so that the receiver can be changed in between.',
  access: admin,
  idempotent: true,
  params,
  body: z.strictObject({
    overlapSeconds: z
      .int('must be a whole number')
      .min(0, 'must be 0 or more')
      .max(604_800, 'must be at most 604800')
      .optional()
      .meta({
        description: 'How long the former secret signs as well; 86400, a day, if absent. 0: it ends at once.',
        examples: [86_400],
      }),
  }),
  answers: { 201: issuedSchema },
  refusals: ['not_found', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `POST /v1/admin/webhooks/{id}/test`: a test event. */
export const testWebhook = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/webhooks/{id}/test',
  name: 'testWebhook',
  group,
  summary: 'Send a test event',
  description:
    'Posts `webhook.test` to this endpoint as any event would be, once in ten seconds. What becomes of it stands among its deliveries.',
  access: admin,
  params,
  answers: {
    202: z
      .strictObject({ deliveryId: z.string().meta({ examples: [exampleDelivery] }) })
      .meta({ id: 'WebhookTested', description: 'On its way.' }),
  },
  refusals: ['not_found', 'limit_reached', 'out_of_order', 'cross_site_refused'],
})

/** `GET /v1/admin/webhooks/{id}/deliveries`: what became of events. */
export const listWebhookDeliveries = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/webhooks/{id}/deliveries',
  name: 'listWebhookDeliveries',
  group,
  summary: 'Deliveries of an endpoint',
  description: 'Of the last 30 days, newest first.',
  access: reader,
  params,
  query: z.strictObject({
    state: stateField.optional().meta({ description: 'Only these.', examples: ['dead'] }),
    limit: z
      .string()
      .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
      .transform(Number)
      .optional()
      .meta({ description: 'Deliveries on a page; 50 if absent.', examples: ['50'] }),
    cursor: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be a nextCursor of an earlier page')
      .optional()
      .meta({ description: '`nextCursor` of the page before.', examples: ['0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
  }),
  answers: { 200: listOf('WebhookDeliveryList', deliverySchema) },
  refusals: ['not_found'],
})

const replayedSchema = z
  .strictObject({ replayed: z.number().meta({ description: 'How many are on their way again.', examples: [1] }) })
  .meta({ id: 'WebhookReplay', description: 'On their way.' })

/** `POST /v1/admin/webhooks/deliveries/{id}/replay`: send one again. */
export const replayWebhookDelivery = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/webhooks/deliveries/{id}/replay',
  name: 'replayWebhookDelivery',
  group,
  summary: 'Send a delivery again',
  description: 'Dead or delivered, under the same `webhook-id`. One that is pending is left alone: replayed 0.',
  access: admin,
  params: z.strictObject({ id: publicId('webhookDelivery') }),
  answers: { 202: replayedSchema },
  refusals: ['not_found', 'out_of_order', 'cross_site_refused'],
})

/** `POST /v1/admin/webhooks/{id}/replay`: send many again. */
export const replayWebhookDeliveries = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/webhooks/{id}/replay',
  name: 'replayWebhookDeliveries',
  group,
  summary: 'Send dead deliveries again',
  description:
    'Those of this endpoint that are dead and not older than the moment given, oldest first, 1,000 at most: repeat it until 0.',
  access: admin,
  params,
  body: z.strictObject({
    since: z.iso
      .datetime({ error: 'must be a moment in UTC: 2026-11-22T09:14:07Z' })
      .meta({ description: 'From when on.', examples: ['2026-11-22T00:00:00Z'] }),
  }),
  answers: { 202: replayedSchema },
  refusals: ['not_found', 'out_of_order', 'cross_site_refused'],
})
