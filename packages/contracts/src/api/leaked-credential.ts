import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

/** Bytes of one report: scanners send many matches at once. */
const reportBytesMost = 1_048_576

const exampleToken = 'pck_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'

const tokenField = z
  .string()
  .min(1, 'must not be empty')
  .max(512, 'must have at most 512 characters')
  .meta({ description: 'What was found.', examples: [exampleToken] })

const labelField = z.enum(['true_positive', 'false_positive']).meta({
  description: 'Whether it is, or was, a credential of this server.',
  examples: ['true_positive'],
})

const leakResultSchema = z
  .strictObject({
    items: z.array(z.strictObject({ label: labelField })).meta({
      description: 'One for each that was reported, in their order.',
      examples: [[{ label: 'true_positive' }]],
    }),
  })
  .meta({ id: 'LeakResults', description: 'Looked through. What was alive opens nothing any more.' })

/** `POST /v1/leaked-credentials`: the product found credentials in public. */
export const reportLeakedCredentials = defineEndpoint({
  method: 'POST',
  path: '/v1/leaked-credentials',
  name: 'reportLeakedCredentials',
  group: 'API clients',
  summary: 'Report leaked credentials',
  description:
    'For whatever was found where anybody could read it. An API key or session of this server is revoked, that one alone, and refused from the answer on; ' +
    'its owner is told. The secret of an API client is reported to support, and revoked only where this server is set so. Reporting it again changes nothing.',
  access: { kind: 'client', scope: 'leaks:write' },
  bodyBytesMost: reportBytesMost,
  body: z.strictObject({
    items: z
      .array(
        z.strictObject({
          token: tokenField,
          url: z
            .string()
            .max(2000, 'must have at most 2000 characters')
            .optional()
            .meta({ description: 'Where it was found. Not kept.', examples: ['https://paste.example/4711'] }),
          source: z
            .string()
            .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be a code: 1 to 64 small letters, digits and _ . - after a letter')
            .optional()
            .meta({ description: 'What kind of place that is: a code.', examples: ['paste'] }),
        }),
      )
      .min(1, 'must name at least one')
      .max(100, 'must name at most 100')
      .meta({ description: 'What was found.' }),
  }),
  answers: { 200: leakResultSchema },
  refusals: [],
})

/** `POST /v1/leaked-credentials/github`: GitHub’s secret scanning found credentials. */
export const reportGithubLeaks = defineEndpoint({
  method: 'POST',
  path: '/v1/leaked-credentials/github',
  name: 'reportGithubLeaks',
  group: 'API clients',
  summary: 'Secret scanning of GitHub',
  description:
    'The partner protocol of GitHub’s secret scanning. The raw body is signed (ECDSA P-256, SHA-256): `Github-Public-Key-Identifier` names the key, ' +
    '`Github-Public-Key-Signature` is the signature. Without a good one the answer is 401 and nothing is looked up. Done as for `POST /v1/leaked-credentials`; ' +
    'fields that are not named here are passed over.',
  bodyType: 'signed',
  bodyBytesMost: reportBytesMost,
  body: z
    .array(
      z.strictObject({
        token: tokenField,
        type: z.string().meta({ description: 'What GitHub calls this kind.', examples: ['portcullis_api_key'] }),
        url: z
          .string()
          .optional()
          .meta({ description: 'Where it was found. Not kept.', examples: [''] }),
        source: z
          .string()
          .optional()
          .meta({ description: 'What kind of place that is.', examples: ['content'] }),
      }),
    )
    .meta({
      description: 'What was found.',
      examples: [[{ token: exampleToken, type: 'portcullis_api_key', url: '', source: 'content' }]],
    }),
  answers: {
    200: z
      .array(
        z.strictObject({
          token_hash: z.string().meta({
            description: 'SHA-256 of the token, in hexadecimal.',
            examples: ['6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'],
          }),
          token_type: z.string().meta({ description: 'As it was reported.', examples: ['portcullis_api_key'] }),
          label: labelField,
        }),
      )
      .meta({ id: 'GithubLeakResults', description: 'One for each that was reported, in their order.' }),
  },
  refusals: ['credential_required'],
})
