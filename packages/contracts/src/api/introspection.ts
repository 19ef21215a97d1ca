import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

const formBody = z.strictObject({
  token: z
    .string()
    .min(1, 'must not be empty')
    .max(512, 'must have at most 512 characters')
    .meta({ description: 'A session token or an API key.', examples: ['pck_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'] }),
  token_type_hint: z
    .string()
    .max(100, 'must have at most 100 characters')
    .optional()
    .meta({ description: 'Taken and not needed: a token tells its kind by itself.', examples: ['access_token'] }),
})

/** What is told of a token. The names of RFC 7662 stay as they are; our own are camelCase. */
const introspectionSchema = z
  .strictObject({
    active: z
      .boolean()
      .meta({ description: 'Whether it opens anything now. If not, nothing else is told.', examples: [true] }),
    sub: z
      .string()
      .optional()
      .meta({ description: 'The account.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    scope: z
      .string()
      .optional()
      .meta({
        description:
          'Scopes of a key, separated by spaces; `owner` for a session, which may do whatever its owner may.',
        examples: ['sessions:read product:servers'],
      }),
    exp: z
      .int()
      .optional()
      .meta({
        description: 'When it ends at the latest, in seconds since 1970; absent: never by itself.',
        examples: [1_795_338_847],
      }),
    iat: z
      .int()
      .optional()
      .meta({ description: 'When it was made, in seconds since 1970.', examples: [1_763_802_847] }),
    jti: z
      .string()
      .optional()
      .meta({ description: 'Names the session or key.', examples: ['key_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    token_type: z.literal('Bearer').optional().meta({ description: 'How it is sent.' }),
    credential: z.enum(['session', 'api_key']).optional().meta({ description: 'What it is.' }),
    accountState: z
      .literal('active')
      .optional()
      .meta({ description: 'State of the account: a token of any other opens nothing.' }),
  })
  .meta({ id: 'Introspection', description: 'What the token is worth at this moment.' })

/** `POST /v1/introspect`: what a token is worth (RFC 7662). */
export const introspectToken = defineEndpoint({
  method: 'POST',
  path: '/v1/introspect',
  name: 'introspectToken',
  group: 'API clients',
  summary: 'Ask what a token is worth',
  description:
    'RFC 7662, for the product’s own back ends. The body is a form. A token that is unknown, expired, revoked, fenced off or none of ' +
    'an account’s is `{ "active": false }` and nothing else. Judged at this moment, in the store; nothing is cached. Counts as a use of the token.',
  access: { kind: 'client', scope: 'introspect' },
  bodyType: 'form',
  body: formBody,
  answers: { 200: introspectionSchema },
  refusals: [],
})

/** `POST /v1/revoke`: end a token (RFC 7009). */
export const revokeToken = defineEndpoint({
  method: 'POST',
  path: '/v1/revoke',
  name: 'revokeToken',
  group: 'API clients',
  summary: 'End a token',
  description:
    'RFC 7009: ends a session or revokes an API key by its token, from the answer on, everywhere. The body is a form. Always 200, also for an ' +
    'unknown token.',
  access: { kind: 'client', scope: 'revoke' },
  bodyType: 'form',
  body: formBody,
  answers: { 200: z.strictObject({}).meta({ id: 'TokenRevoked', description: 'The token opens nothing now.' }) },
  refusals: [],
})
