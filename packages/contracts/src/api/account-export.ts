import { z } from 'zod'
import { exportKinds } from '../account-export.ts'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'

const exportParams = z.strictObject({ id: publicId('operation') })

/** An export as its owner sees it. */
const exportSchema = z
  .strictObject({
    id: z.string().meta({
      description: 'Names the export, and the operation that makes it.',
      examples: ['opn_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
    }),
    state: z.enum(['running', 'ready', 'fetched', 'expired', 'failed']).meta({
      description: 'Ready: it can be fetched, once. Failed: ask for another.',
      examples: ['running'],
    }),
    createdAt: momentField('When it was asked for.'),
    readyAt: momentField('When it was made.').nullable(),
    expiresAt: momentField('Until when it can be fetched; then it is gone.').nullable(),
  })
  .meta({ id: 'AccountExport', description: 'A copy of all that is kept of an owner.' })

/** `POST /v1/account/exports`: have a copy of all that is kept of me. */
export const requestExport = defineEndpoint({
  method: 'POST',
  path: '/v1/account/exports',
  name: 'requestExport',
  group: 'Account',
  summary: 'Ask for a copy of my data',
  description:
    'Made as an operation. One at a time, three within 24 hours (`limit_reached`). When it is ready the owner is told by mail, and it can be fetched once within 24 hours. ' +
    'Not while a change of address can be taken back.',
  access: { kind: 'session', proof: true },
  idempotent: true,
  answers: { 202: exportSchema },
  refusals: ['cooling_down', 'limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `GET /v1/account/exports/{id}`: where it stands. */
export const getExport = defineEndpoint({
  method: 'GET',
  path: '/v1/account/exports/{id}',
  name: 'getExport',
  group: 'Account',
  summary: 'Where a copy of my data stands',
  description: 'One that has expired is soon not found.',
  access: { kind: 'session', proof: false },
  params: exportParams,
  answers: { 200: exportSchema },
  refusals: ['not_found'],
})

/** `GET /v1/account/exports/{id}/download`: fetch it. */
export const fetchExport = defineEndpoint({
  method: 'GET',
  path: '/v1/account/exports/{id}/download',
  name: 'fetchExport',
  group: 'Account',
  summary: 'Fetch the copy of my data',
  description:
    'NDJSON, one JSON document a line: a `header`, then lines whose `type` is one of ' +
    `${exportKinds.map((kind) => `\`${kind}\``).join(', ')}, and an \`end\` with how many there are of each; without it the file was cut. ` +
    'Never a secret, nor anything a secret could be made of. Given once, within 24 hours; then, or where it is not ready, `not_found`.',
  access: { kind: 'session', proof: true },
  params: exportParams,
  media: 'application/x-ndjson',
  answers: {
    200: z.string().meta({
      description: 'One JSON document a line.',
      examples: ['{"type":"header","format":"portcullis-account/1","exportedAt":"2026-11-22T09:14:07.123Z"}\n'],
    }),
  },
  refusals: ['not_found', 'cross_site_refused'],
})
