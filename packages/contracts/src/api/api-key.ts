import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { keyNameField, momentField } from './field.ts'
import { listOf } from './list.ts'

const exampleId = `${idPrefixes.apiKey}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`

const scopesField = z
  .array(z.string().max(200, 'must have at most 200 characters'))
  .max(100, 'must name at most 100 scopes')
  .meta({
    description:
      'What it may do: reading scopes of this API (`account:read`, `sessions:read`, `activity:read`, …), and scopes of the product (`product:…`).',
    examples: [['sessions:read', 'product:servers']],
  })

const expiresAtField = z.iso.datetime({ error: 'must be a moment in UTC: 2026-11-22T09:14:07Z' }).nullable().optional()

/** An API key as its owner sees it. Never the key itself. */
export const apiKeySchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the key.', examples: [exampleId] }),
    name: z.string().meta({ description: 'What its owner calls it.', examples: ['Nightly backup'] }),
    prefix: z.string().meta({ description: 'How it begins.', examples: ['pck_'] }),
    last4: z.string().meta({ description: 'How it ends.', examples: ['lq17'] }),
    scopes: scopesField,
    createdAt: momentField('When it was made.'),
    expiresAt: momentField('When it ends; null: never by itself.').nullable(),
    lastUsedAt: momentField('When it was last used, to ten minutes; null: never.').nullable(),
    lastUsedNetwork: z
      .string()
      .nullable()
      .meta({ description: 'From where, cut to /24 or /48; null: not known.', examples: ['203.0.113.0/24'] }),
    lastUsedLocation: z
      .string()
      .nullable()
      .meta({ description: 'Approximate, from a table of registries; null: never used.', examples: ['Germany'] }),
    rotatedTo: z
      .string()
      .nullable()
      .meta({
        description: 'The key that takes its place, while this one lives on for the overlap.',
        examples: [null],
      }),
  })
  .meta({ id: 'ApiKey', description: 'An API key.' })

const issuedSchema = z
  .strictObject({
    ...apiKeySchema.shape,
    key: z
      .string()
      .optional()
      .meta({
        description: 'The key. Shown now and never again; absent in the answer to a repeated request.',
        examples: ['pck_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'],
      }),
  })
  .meta({ id: 'IssuedApiKey', description: 'Made.' })

const params = z.strictObject({ id: publicId('apiKey') })

/** `GET /v1/account/api-keys`: every living key of the owner. */
export const listApiKeys = defineEndpoint({
  method: 'GET',
  path: '/v1/account/api-keys',
  name: 'listApiKeys',
  group: 'API keys',
  summary: 'All API keys',
  description:
    'The living ones, newest first: three at most, and as many in the overlap of their rotation. There is one page.',
  access: { kind: 'session', proof: false, apiKeyScope: 'api-keys:read' },
  answers: { 200: listOf('ApiKeyList', apiKeySchema) },
  refusals: [],
})

/** `POST /v1/account/api-keys`: make one. */
export const createApiKey = defineEndpoint({
  method: 'POST',
  path: '/v1/account/api-keys',
  name: 'createApiKey',
  group: 'API keys',
  summary: 'Make an API key',
  description:
    'The key is shown in this answer and never again. Three can be active at a time. A key reads what its scopes allow and can ' +
    'never touch a credential. It ends when it expires (at most 366 days from now), is revoked, or the account is secured. The owner is told by mail.',
  access: { kind: 'session', proof: true },
  idempotent: true,
  body: z.strictObject({
    name: keyNameField,
    scopes: scopesField,
    expiresAt: expiresAtField.meta({
      description: 'When it is to end. Absent or null: never by itself.',
      examples: [null],
    }),
  }),
  answers: { 201: issuedSchema },
  refusals: ['limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `PATCH /v1/account/api-keys/{id}`: rename. */
export const renameApiKey = defineEndpoint({
  method: 'PATCH',
  path: '/v1/account/api-keys/{id}',
  name: 'renameApiKey',
  group: 'API keys',
  summary: 'Rename an API key',
  description: 'Nothing else can be changed: for other scopes make another key.',
  access: { kind: 'session', proof: false },
  params,
  body: z.strictObject({ name: keyNameField }),
  answers: { 200: apiKeySchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `DELETE /v1/account/api-keys/{id}`: revoke. */
export const revokeApiKey = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/api-keys/{id}',
  name: 'revokeApiKey',
  group: 'API keys',
  summary: 'Revoke an API key',
  description:
    'It is refused from the answer on, everywhere. A key that is revoked, unknown or somebody else’s is answered alike.',
  access: { kind: 'session', proof: false },
  params,
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `POST /v1/account/api-keys/{id}/rotation`: a new key in its place. */
export const rotateApiKey = defineEndpoint({
  method: 'POST',
  path: '/v1/account/api-keys/{id}/rotation',
  name: 'rotateApiKey',
  group: 'API keys',
  summary: 'Rotate an API key',
  description:
    'Gives a new key with the same name and scopes, shown once. The old one lives on for the overlap, so that programs can be changed one ' +
    'by one, and does not count among the three. At most three overlaps at a time: a further rotation ends the one that would end first.',
  access: { kind: 'session', proof: true },
  idempotent: true,
  params,
  body: z.strictObject({
    overlapSeconds: z
      .int('must be a whole number')
      .min(0, 'must be 0 or more')
      .max(86_400, 'must be at most 86400')
      .optional()
      .meta({
        description: 'How long the old key lives on; 86400, a day, if absent. 0: it is dead at once.',
        examples: [3600],
      }),
    expiresAt: expiresAtField.meta({
      description:
        'When the new key is to end; null: never by itself. Absent: it lives as long as the old one was made for.',
      examples: [null],
    }),
  }),
  answers: { 201: issuedSchema },
  refusals: ['not_found', 'already_rotated', 'limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})
