import { z } from 'zod'
import { clientScopes, type ClientScope } from '../client-scope.ts'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { keyNameField, momentField } from './field.ts'
import { listOf } from './list.ts'
import { pageCursorField, pageLimitField, staffReasonField } from './admin-field.ts'

const group = 'API clients'

const scopeNames = Object.keys(clientScopes) as [ClientScope, ...ClientScope[]]

const scopesField = z
  .array(z.enum(scopeNames, `must be one of ${scopeNames.join(', ')}`))
  .min(1, 'must name at least one scope')
  .max(scopeNames.length, 'must name each scope once')
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must name each scope once')
  .meta({ description: 'What it may do.', examples: [['introspect', 'revoke']] })

const nameField = keyNameField.meta({ description: 'What it is.', examples: ['Shop'] })

const clientSchema = z
  .strictObject({
    id: z.string().meta({
      description: 'Names the client.',
      examples: [`${idPrefixes.apiClient}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`],
    }),
    name: nameField,
    scopes: z.array(z.string()).meta({ description: 'What it may do.', examples: [['introspect', 'revoke']] }),
    createdAt: momentField('When it was made.'),
    revokedAt: momentField('When it was revoked; null: it is alive.').nullable(),
  })
  .meta({ id: 'ApiClient', description: 'An API client. Never its secret.' })

const params = z.strictObject({ id: publicId('apiClient') })

const managing = { kind: 'session', proof: true, permission: 'clients.manage' } as const

/** `GET /v1/admin/clients`: all of them. */
export const listApiClients = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/clients',
  name: 'listApiClients',
  group,
  summary: 'All API clients',
  description: 'Newest first, also those that were revoked.',
  access: { kind: 'session', proof: false, permission: 'clients.read' },
  query: z.strictObject({ limit: pageLimitField, cursor: pageCursorField }),
  answers: { 200: listOf('ApiClientList', clientSchema) },
  refusals: [],
})

/** `POST /v1/admin/clients`: make one. */
export const createApiClient = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/clients',
  name: 'createApiClient',
  group,
  summary: 'Make an API client',
  description:
    'Its secret is in this answer and never shown again. Lost, or to be rotated: make another, then revoke this one.',
  access: managing,
  idempotent: true,
  body: z.strictObject({ name: nameField, scopes: scopesField, reason: staffReasonField }),
  answers: {
    201: z
      .strictObject({
        ...clientSchema.shape,
        secret: z
          .string()
          .optional()
          .meta({
            description: 'Shown now and never again; absent in the answer to a repeated request.',
            examples: ['pcc_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'],
          }),
      })
      .meta({ id: 'IssuedApiClient', description: 'Made.' }),
  },
  refusals: ['limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `PATCH /v1/admin/clients/{id}`: rename it, or change what it may do. */
export const changeApiClient = defineEndpoint({
  method: 'PATCH',
  path: '/v1/admin/clients/{id}',
  name: 'changeApiClient',
  group,
  summary: 'Change an API client',
  description: 'What is absent stays. Scopes count from the next request on.',
  access: managing,
  params,
  body: z
    .strictObject({ name: nameField.optional(), scopes: scopesField.optional(), reason: staffReasonField })
    .refine(({ name, scopes }) => name !== undefined || scopes !== undefined, 'must change the name or the scopes'),
  answers: { 200: clientSchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `DELETE /v1/admin/clients/{id}`: its secret opens nothing any more. */
export const revokeApiClient = defineEndpoint({
  method: 'DELETE',
  path: '/v1/admin/clients/{id}',
  name: 'revokeApiClient',
  group,
  summary: 'Revoke an API client',
  description: 'Its secret is refused from the answer on, on every node.',
  access: managing,
  params,
  body: z.strictObject({ reason: staffReasonField }),
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})
