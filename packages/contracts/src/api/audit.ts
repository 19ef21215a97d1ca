import { z } from 'zod'
import { auditKeySchema } from '../audit-export.ts'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'
import { listOf } from './list.ts'

const group = 'Audit'
const reader = { kind: 'session', proof: false, permission: 'audit.read' } as const

const momentQuery = (description: string) =>
  z.iso
    .datetime({ error: 'must be a moment in UTC: 2026-11-22T09:14:07Z' })
    .optional()
    .meta({ description, examples: ['2026-11-22T00:00:00Z'] })

const limitQuery = (shown: string) =>
  z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .optional()
    .meta({ description: `${shown} on a page; 50 if absent.`, examples: ['50'] })

/** A number of an event or seal, as a query has it. */
const numberQuery = (description: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be a whole number from 1 on')
    .transform(Number)
    .optional()
    .meta({ description, examples: ['1'] })

/** Where a page of events ended: the moment, to the microsecond, and the id. Opaque to callers. */
const eventCursor = z
  .string()
  .regex(/^\d{16}[0-9a-f]{32}$/, 'must be a nextCursor of an earlier page')
  .optional()
  .meta({
    description: '`nextCursor` of the page before.',
    examples: ['17953419053430000198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
  })

const nullableText = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] })

const auditEventSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the event.', examples: ['evt_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    occurredAt: momentField('When.'),
    action: z.string().meta({ description: 'What, in one word.', examples: ['session_revoked'] }),
    accountId: nullableText('Whose account it concerns, where known.', 'acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'),
    actor: z
      .enum(['anonymous', 'account', 'api_client', 'support', 'admin', 'system'])
      .meta({ description: 'Who did it: a role.', examples: ['account'] }),
    actorId: nullableText('Who did it.', 'acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'),
    subject: z.strictObject({
      kind: z.string().meta({ description: 'About what.', examples: ['session'] }),
      id: nullableText('Which: a UUID.', '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'),
    }),
    requestId: nullableText('`X-Request-Id` of the call.', 'req_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'),
    details: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What besides: ids, counts, codes.', examples: [{ reason: 'owner' }] }),
    erased: z.boolean().meta({
      description: 'Whether what is personal of it was erased; the chain still proves that it happened.',
      examples: [false],
    }),
    sequence: z
      .number()
      .nullable()
      .meta({ description: 'Its place in the chain; null until it is sealed, which takes seconds.', examples: [4711] }),
    seal: z
      .number()
      .nullable()
      .meta({ description: 'The seal that holds it.', examples: [42] }),
  })
  .meta({ description: 'A fact about security.' })

/** `GET /v1/admin/audit-events`: what happened. */
export const listAuditEvents = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/audit-events',
  name: 'listAuditEvents',
  group,
  summary: 'Search the audit',
  description:
    'Newest first. Filters are ANDed. `actorId` finds what staff and API clients did; what an owner did in their own account is found by `accountId`.',
  access: reader,
  query: z.strictObject({
    accountId: publicId('account').optional().meta({ description: 'Of this account.' }),
    action: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be an action: lower-case letters, digits and _')
      .optional()
      .meta({ description: 'Of this action.', examples: ['session_revoked'] }),
    actorId: z
      .union([publicId('account'), publicId('apiClient')], { error: 'must be an id that starts with acc_ or cli_' })
      .optional()
      .meta({
        description: 'By this member of staff or API client.',
        examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
      }),
    requestId: z
      .string()
      .min(1, 'must not be empty')
      .max(200, 'must have at most 200 characters')
      .optional()
      .meta({ description: 'Of this call.', examples: ['req_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    since: momentQuery('Not before.'),
    until: momentQuery('Before.'),
    limit: limitQuery('Events'),
    cursor: eventCursor,
  }),
  answers: { 200: listOf('AuditEventList', auditEventSchema) },
  refusals: [],
})

/** `GET /v1/admin/audit-events/export`: the story, so that it can be verified. */
export const exportAuditEvents = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/audit-events/export',
  name: 'exportAuditEvents',
  group,
  summary: 'Export the audit',
  description:
    'NDJSON: a header, whole seals each before its events, and a signed end; `portcullis audit verify FILE` verifies it offline. `since` and `until` are held ' +
    'against when seals were made, seconds after their events; `fromSequence` and `toSequence` against the numbers of events. Every seal that has a part in the range ' +
    'is exported whole. The export is an audit event itself.',
  access: { kind: 'session', proof: true, permission: 'audit.export' },
  query: z.strictObject({
    since: momentQuery('Seals made from then on.'),
    until: momentQuery('Seals made until then.'),
    fromSequence: numberQuery('From the seal of this event on.'),
    toSequence: numberQuery('Up to the seal of this event.'),
  }),
  media: 'application/x-ndjson',
  answers: {
    200: z.string().meta({
      description: 'One JSON document a line.',
      examples: ['{"kind":"header","format":"portcullis-audit/1","keys":[]}\n'],
    }),
  },
  refusals: ['cross_site_refused'],
})

const sealSchema = z
  .strictObject({
    seal: z.number().meta({ description: '1, 2, 3 … without a gap.', examples: [42] }),
    firstSequence: z.number().meta({ description: 'Number of its first event.', examples: [4701] }),
    lastSequence: z.number().meta({ description: 'Number of its last event.', examples: [4711] }),
    events: z.number().meta({ description: 'How many.', examples: [11] }),
    previousHash: z
      .string()
      .meta({ description: 'Head of the chain before it: SHA-256, hex.', examples: ['0'.repeat(64)] }),
    hash: z.string().meta({ description: 'Head of the chain after it.', examples: ['0'.repeat(64)] }),
    sealedAt: z
      .string()
      .meta({ description: 'When, to the microsecond: as it is signed.', examples: ['2026-11-22T09:14:07.123456Z'] }),
    keyId: z
      .string()
      .meta({ description: 'Names the key.', examples: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'] }),
    signature: z.string().meta({
      description:
        'Ed25519, base64url, over the canonical form (RFC 8785) of the fields above with `"type": "audit-seal:v1"`.',
      examples: ['A'.repeat(86)],
    }),
    anchoredAt: momentField('When the outside anchor had it.').nullable(),
  })
  .meta({ description: 'A signed seal over a batch of audit events.' })

/** `GET /v1/admin/audit-seals`: the signed heads of the chain. */
export const listAuditSeals = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/audit-seals',
  name: 'listAuditSeals',
  group,
  summary: 'List seals of the audit',
  description:
    'Newest first. Each holds on to the one before; keep one elsewhere, and nothing before it can be rewritten unseen.',
  access: reader,
  query: z.strictObject({
    limit: limitQuery('Seals'),
    cursor: numberQuery('`nextCursor` of the page before.'),
  }),
  answers: { 200: listOf('AuditSealList', sealSchema) },
  refusals: [],
})

/** `GET /.well-known/portcullis-audit-keys`: what verifies seals. */
export const getAuditKeys = defineEndpoint({
  method: 'GET',
  path: '/.well-known/portcullis-audit-keys',
  name: 'getAuditKeys',
  group,
  summary: 'Keys of the audit',
  description:
    'A JWK set (RFC 7517) of Ed25519 keys (RFC 8037): the one that seals now first, and those that have sealed before. `kid` is the thumbprint (RFC 7638). ' +
    'Keep a copy: an export is only as good as the keys it is verified by.',
  answers: {
    200: z
      .strictObject({ keys: z.array(auditKeySchema).meta({ description: 'The present one first.' }) })
      .meta({ id: 'AuditKeys', description: 'The keys.' }),
  },
  refusals: [],
})
