import { z } from 'zod'
import { securityEventTypes } from '../security-event.ts'
import { defineEndpoint } from './endpoint.ts'

const group = 'Security events'

/** `GET /.well-known/jwks.json`: the keys that verify security event tokens. */
export const getSigningKeys = defineEndpoint({
  method: 'GET',
  path: '/.well-known/jwks.json',
  name: 'getSigningKeys',
  group,
  summary: 'Keys of security event tokens',
  description:
    'A JWK set (RFC 7517): Ed25519 keys (RFC 8037), the one that signs now first, and those whose tokens may still be under way. `kid` is the thumbprint ' +
    '(RFC 7638). May be kept for 5 minutes.',
  answers: {
    200: z
      .strictObject({
        keys: z
          .array(
            z.strictObject({
              kty: z.literal('OKP'),
              crv: z.literal('Ed25519'),
              x: z
                .string()
                .meta({ description: 'The public key.', examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'] }),
              kid: z
                .string()
                .meta({ description: 'Names it.', examples: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'] }),
              use: z.literal('sig'),
              alg: z.literal('EdDSA'),
            }),
          )
          .meta({ description: 'The newest first.' }),
      })
      .meta({ id: 'SigningKeys', description: 'The keys.' }),
  },
  refusals: [],
})

/** `GET /.well-known/ssf-configuration`: who sends security events, and how. */
export const getSsfConfiguration = defineEndpoint({
  method: 'GET',
  path: '/.well-known/ssf-configuration',
  name: 'getSsfConfiguration',
  group,
  summary: 'How security events are sent',
  description:
    'Transmitter configuration of OpenID SSF 1.0. Receivers are entered by an admin (`POST /v1/admin/webhooks`, format `security_event`), so there is no ' +
    'endpoint to manage streams. May be kept for 5 minutes.',
  answers: {
    200: z
      .strictObject({
        spec_version: z.literal('1_0'),
        issuer: z.string().meta({ description: '`iss` of every token.', examples: ['https://account.acme.example'] }),
        jwks_uri: z.string().meta({
          description: 'Where the keys are.',
          examples: ['https://account.acme.example/.well-known/jwks.json'],
        }),
        delivery_methods_supported: z
          .array(z.string())
          .meta({ description: 'Push (RFC 8935).', examples: [['urn:ietf:rfc:8935']] }),
        default_subjects: z.literal('ALL').meta({ description: 'A stream tells of every account.', examples: ['ALL'] }),
        critical_subject_members: z
          .array(z.string())
          .meta({ description: 'What a receiver must understand of a subject.', examples: [['user']] }),
        portcullis_events_supported: z
          .array(z.string())
          .meta({ description: 'Every type of event that is sent.', examples: [[...securityEventTypes]] }),
      })
      .meta({ id: 'SsfConfiguration', description: 'The configuration.' }),
  },
  refusals: [],
})
