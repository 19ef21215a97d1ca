import { z } from 'zod'
import { sweepNames } from '../sweep-name.ts'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, momentField } from './field.ts'
import { listOf } from './list.ts'

const nameField = z
  .enum(sweepNames, 'must be the name of a sweep')
  .meta({ description: 'Which sweep.', examples: ['sessions.idle'] })

const sweepSchema = z
  .strictObject({
    name: nameField,
    chunkRows: z.int().meta({ description: 'Rows of one chunk, as measured.', examples: [4000] }),
    rowsThisRun: z.int().meta({ description: 'Rows that its present run, or its last, took away.', examples: [0] }),
    rowsTotal: z.int().meta({ description: 'Rows that it took away since ever.', examples: [1_000_000] }),
    runStartedAt: momentField('When its present run, or its last, began.').nullable(),
    runEndedAt: momentField('When that ended; null: it is at work, or was cut off and is gone on with.').nullable(),
    heldBecause: z
      .enum(['store_slow', 'security_jobs_late'])
      .nullable()
      .meta({ description: 'Why it made way; null: it did not.', examples: [null] }),
    updatedAt: momentField('When this was last written.'),
  })
  .meta({ description: 'How far a sweep has come.' })

const group = 'Administration'

/** `GET /v1/admin/sweeps`. */
export const listSweeps = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/sweeps',
  name: 'listSweeps',
  group,
  summary: 'Progress of all sweeps',
  description: 'Every sweep that ever ran, by name; there are a few, so there is one page.',
  access: { kind: 'session', proof: false, permission: 'sweeps.read' },
  answers: { 200: listOf('SweepList', sweepSchema) },
  refusals: [],
})

/** `POST /v1/admin/sweeps`. */
export const startSweep = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/sweeps',
  name: 'startSweep',
  group,
  summary: 'Run a sweep now',
  description:
    'Sweeps run by themselves, every minute or every five. This runs one now, or without `sweep` all of them; one that is at ' +
    'work already goes on. Nothing leaves earlier by it than its limit says.',
  access: { kind: 'session', proof: true, permission: 'sweeps.run' },
  body: z.strictObject({ sweep: nameField.optional() }),
  answers: { 202: acceptedSchema },
  refusals: ['cross_site_refused'],
})
