import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { messages, type MessageName } from '../messages/index.ts'
import { services } from '../service.ts'
import { pageCursorField, pageLimitField, staffReasonField } from './admin-field.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'
import { listOf } from './list.ts'

const group = 'Operation of the house'

// Guarantee: they are the keys of that very object.
const messageNames = Object.keys(messages) as [MessageName, ...MessageName[]]

/** One message of the house. */
export const messageField = z
  .enum(messageNames, 'must be the name of a message')
  .meta({ description: 'What is said.', examples: ['send.notice'] })

/** One service that hears messages. */
export const hearerField = z
  .enum(services, 'must be the name of a service')
  .meta({ description: 'Who hears it.', examples: ['notifier'] })

const codeField = z
  .string()
  .regex(/^[a-z0-9_]{1,60}$/, 'must be a code: lower-case letters, digits and underscores')
  .meta({ description: 'Why it ended or was put off.', examples: ['attempts_exhausted'] })

const stateField = z.enum(['pending', 'published', 'done', 'dead']).meta({
  description: 'Pending: in the ledger. Published: handed to its queue. Dead: given up, waits for an operator.',
  examples: ['dead'],
})

const jobSchema = z
  .strictObject({
    id: z.string().meta({
      description: 'Names the job.',
      examples: [`${idPrefixes.job}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`],
    }),
    // Text and not the list of today: jobs of older and newer releases are shown as well.
    message: z.string().meta({ description: 'What is said.', examples: ['send.notice'] }),
    hearer: z.string().meta({ description: 'To whom.', examples: ['notifier'] }),
    state: stateField,
    running: z.boolean().meta({ description: 'Whether a worker owns it at this moment.', examples: [false] }),
    attempts: z.int().meta({ description: 'Executions that failed, or have begun.', examples: [12] }),
    generation: z.int().meta({ description: 'How often it was handed out or replayed.', examples: [12] }),
    code: z
      .string()
      .nullable()
      .meta({ description: 'Why it ended or was put off.', examples: ['smtp_refused'] }),
    payload: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Plain ids and codes: nothing else ever goes into a job.', examples: [{}] }),
    createdAt: momentField('When it was said.'),
    dueAt: momentField('When it is, or was, due.'),
    endedAt: momentField('When it was done or given up.').nullable(),
  })
  .meta({ id: 'Job', description: 'A message addressed to one service.' })

const params = z.strictObject({ id: publicId('job') })
const reasonBody = z.strictObject({ reason: staffReasonField })
const replaying = { kind: 'session', proof: true, permission: 'jobs.replay' } as const

/** `GET /v1/admin/jobs`: the ledger. */
export const listJobs = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/jobs',
  name: 'listJobs',
  group,
  summary: 'List jobs',
  description:
    'The newest first; of one state, which is `dead` where none is asked for. Of `done` a page looks at 5,000 jobs at most: it may hold fewer than ' +
    '`limit`, or none, while `nextCursor` says that there are more.',
  access: { kind: 'session', proof: false, permission: 'jobs.read' },
  query: z.strictObject({
    state: stateField.optional(),
    message: messageField.optional(),
    hearer: hearerField.optional(),
    limit: pageLimitField,
    cursor: pageCursorField,
  }),
  answers: { 200: listOf('Jobs', jobSchema) },
  refusals: [],
})

/** `POST /v1/admin/jobs/{id}/replay`: once more. */
export const replayJob = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/jobs/{id}/replay',
  name: 'replayJob',
  group,
  summary: 'Replay a dead job',
  description:
    'It is due at once, with all its attempts. What it did already is not done again: the job stays the same.',
  access: replaying,
  params,
  body: reasonBody,
  answers: { 200: jobSchema },
  refusals: ['not_found', 'job_not_dead', 'cross_site_refused'],
})

/** `POST /v1/admin/jobs/{id}/discard`: never again. */
export const discardJob = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/jobs/{id}/discard',
  name: 'discardJob',
  group,
  summary: 'Discard a dead job',
  description: 'It counts as done, with the code `discarded`. What it was to do is not done.',
  access: replaying,
  params,
  body: reasonBody,
  answers: { 200: jobSchema },
  refusals: ['not_found', 'job_not_dead', 'cross_site_refused'],
})

const filterFields = {
  message: messageField.optional(),
  hearer: hearerField.optional(),
  code: codeField.optional(),
  everything: z
    .literal(true)
    .optional()
    .meta({ description: 'Every dead job: said alone, and never meant by leaving out.', examples: [true] }),
} as const

/** `POST /v1/admin/jobs/replay`: all that a filter finds. */
export const replayJobs = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/jobs/replay',
  name: 'replayJobs',
  group,
  summary: 'Replay dead jobs by filter',
  description:
    'What is given must all hold; `everything` stands alone. 10,000 of the oldest at a time, spread so that no more than `ratePerSecond` become due; `left` tells how many the filter still finds.',
  access: replaying,
  body: z
    .strictObject({
      ...filterFields,
      ratePerSecond: z
        .int()
        .min(1, 'must be a whole number from 1 to 1000')
        .max(1000, 'must be a whole number from 1 to 1000')
        .optional()
        .meta({ description: 'So many become due in a second; 50 if absent.', examples: [50] }),
      reason: staffReasonField,
    })
    .refine(
      ({ message, hearer, code, everything }) =>
        (everything === undefined) !== [message, hearer, code].every((one) => one === undefined),
      'must say which (message, hearer, code), or everything alone',
    )
    .meta({
      examples: [
        {
          message: 'send.notice',
          code: 'attempts_exhausted',
          ratePerSecond: 50,
          reason: 'Ticket 4711: the mail host is back',
        },
      ],
    }),
  answers: {
    200: z
      .strictObject({
        replayed: z.int().meta({ description: 'So many are due again.', examples: [120] }),
        left: z.int().meta({ description: 'So many are dead still.', examples: [0] }),
        lastDueSeconds: z.int().meta({ description: 'Seconds until the last of them is due.', examples: [3] }),
      })
      .meta({ id: 'ReplayedJobs', description: 'Replayed.' }),
  },
  refusals: ['cross_site_refused'],
})
