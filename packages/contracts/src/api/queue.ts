import { z } from 'zod'
import { idPrefixes } from '../ids.ts'
import { staffReasonField } from './admin-field.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'
import { hearerField, messageField } from './job.ts'
import { listOf } from './list.ts'

const group = 'Operation of the house'
const count = (description: string) => z.int().meta({ description, examples: [0] })

const pauseSchema = z
  .strictObject({
    message: z
      .string()
      .nullable()
      .meta({ description: 'The one message that waits; null: all of the queue.', examples: ['deliver.webhook'] }),
    reason: z.string().meta({ description: 'Why.', examples: ['The receiver asked for a break'] }),
    by: z
      .string()
      .nullable()
      .meta({
        description: 'Who; null: by the command line.',
        examples: [`${idPrefixes.account}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`],
      }),
    since: momentField('When.'),
  })
  .meta({ description: 'A pause.' })

const queueSchema = z
  .strictObject({
    name: hearerField,
    due: count('Jobs that are due and wait in the ledger.'),
    waiting: count('Jobs that wait for their time.'),
    published: count('Jobs that were handed out and are not over, those at work included.'),
    running: count('Jobs with effects, or long ones, that a worker owns now.'),
    dead: count('Jobs that were given up and wait for an operator.'),
    oldestDueSeconds: z.number().meta({
      description: 'Seconds since the oldest job that is not over was due; 0: there is none.',
      examples: [0.4],
    }),
    pauses: z.array(pauseSchema).meta({ description: 'What was paused of it.' }),
  })
  .meta({ id: 'Queue', description: 'How far behind a service is.' })

const params = z.strictObject({ name: hearerField })
const pausing = { kind: 'session', proof: true, permission: 'queues.pause' } as const

/** `GET /v1/admin/queues`: all of them. */
export const listQueues = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/queues',
  name: 'listQueues',
  group,
  summary: 'Queues and their lag',
  description: 'One for each service that hears anything, as the ledger knows them: also while Redis is away.',
  access: { kind: 'session', proof: false, permission: 'jobs.read' },
  answers: { 200: listOf('Queues', queueSchema) },
  refusals: [],
})

/** `POST /v1/admin/queues/{name}/pause`. */
export const pauseQueue = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/queues/{name}/pause',
  name: 'pauseQueue',
  group,
  summary: 'Pause a queue',
  description:
    'From the answer on nothing of it is begun, on any node; what is at work ends. Jobs wait in the ledger, also through a flush of Redis. ' +
    'With `message` only that one waits. Alerts to support (`tell.support`) cannot be paused; pausing what lockdowns need tells support.',
  access: pausing,
  params,
  body: z.strictObject({ message: messageField.optional(), reason: staffReasonField }),
  answers: { 200: queueSchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `POST /v1/admin/queues/{name}/resume`. */
export const resumeQueue = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/queues/{name}/resume',
  name: 'resumeQueue',
  group,
  summary: 'Resume a queue',
  description:
    'What waited is handed out, the most urgent first. Without `message` every pause of the queue ends; where there is none nothing happens.',
  access: pausing,
  params,
  body: z.strictObject({ message: messageField.optional(), reason: staffReasonField }),
  answers: { 200: queueSchema },
  refusals: ['not_found', 'cross_site_refused'],
})
