import { z } from 'zod'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'
import { lockdownIdField, lockdownStepSchema } from './lockdown-report.ts'

const operationParams = z.strictObject({ id: publicId('operation') })

/** Long work that can be watched. */
export const operationSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the operation.', examples: ['opn_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    kind: z
      .enum(['lockdown', 'bulk_revocation', 'account_export'])
      .meta({ description: 'What it does.', examples: ['lockdown'] }),
    status: z.enum(['running', 'paused', 'done', 'failed', 'cancelled']).meta({ examples: ['running'] }),
    progress: z.strictObject({
      done: z.int().meta({ description: 'So much is done', examples: [7] }),
      total: z.int().meta({ description: 'of so much.', examples: [10] }),
      perSecond: z
        .number()
        .optional()
        .meta({ description: 'So much in a second. Only of a bulk revocation at work.', examples: [412.5] }),
      remainingSeconds: z
        .int()
        .optional()
        .meta({ description: 'So long at that speed.', examples: [12] }),
    }),
    lockdown: z
      .strictObject({
        id: lockdownIdField,
        state: z.enum(['open', 'contained', 'recovered']).meta({ examples: ['open'] }),
        recovery: z.enum(['none', 'begun', 'second_factor', 'review', 'done']).meta({ examples: ['none'] }),
      })
      .nullable()
      .meta({ description: 'The lockdown, if it is one.' }),
    steps: z.array(lockdownStepSchema).meta({
      description:
        'Of a lockdown; empty for other kinds. To whoever has no more than the watch token, proofs tell numbers and truths only: no names of servers.',
    }),
    error: z
      .strictObject({ code: z.string().meta({ examples: ['internal_error'] }) })
      .nullable()
      .meta({ description: 'Why it failed, if it did.', examples: [null] }),
    createdAt: momentField('When it began.'),
    updatedAt: momentField('When it last changed.'),
    endedAt: momentField('When it was over.').nullable(),
  })
  .meta({ id: 'Operation', description: 'Where it stands.' })

/** `GET /v1/operations/{id}`. */
export const getOperation = defineEndpoint({
  method: 'GET',
  path: '/v1/operations/{id}',
  name: 'getOperation',
  group: 'Operations',
  summary: 'Where an operation stands',
  description:
    'Read by the owner of the account, the client that began it, staff in a session with a second factor, or whoever has its `watchToken` (sent as `Bearer`). To all others it is not there.',
  access: { kind: 'watcher' },
  params: operationParams,
  answers: { 200: operationSchema },
  refusals: ['not_found'],
})

/** `GET /v1/operations/{id}/events`. */
export const watchOperation = defineEndpoint({
  method: 'GET',
  path: '/v1/operations/{id}/events',
  name: 'watchOperation',
  group: 'Operations',
  summary: 'Watch an operation',
  description:
    'Server-sent events: `operation` with the same body as the call above at once and whenever it changes, and the stream ends when the operation is over. ' +
    'Each has an id; with `Last-Event-ID` only what is newer comes. A comment every 15 seconds keeps the line open; after 10 minutes the stream ends and is to be opened again.',
  access: { kind: 'watcher' },
  params: operationParams,
  media: 'text/event-stream',
  answers: {
    200: z.string().meta({
      description: 'A stream of events.',
      examples: ['id: 1795341905343000\nevent: operation\ndata: {"status":"running"}\n\n'],
    }),
  },
  refusals: ['not_found', 'rate_limited'],
})
