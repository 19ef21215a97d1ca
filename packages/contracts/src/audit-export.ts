import { z } from 'zod'

/** Names the format; another one has another name. */
export const auditExportFormat = 'portcullis-audit/1'

/** What stands in the chain in place of what may be personal: a commitment each. The order is that of the store. */
export const committedFields = ['accountId', 'actorId', 'subjectId', 'requestId', 'details'] as const

/** One of them. */
export type CommittedField = (typeof committedFields)[number]

const hashText = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')
const count = z.int().min(0)
/** In its one spelling: the last letter has four bits to spare. */
const signatureText = z.string().regex(/^[\w-]{85}[AQgw]$/, 'must be 64 bytes as base64url')
/** UTC, to the microsecond: as it was hashed, so it is never written another way. */
const exactMoment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'must be a moment in UTC with six decimals')
const commitments = Object.fromEntries(committedFields.map((field) => [field, hashText])) as Record<
  CommittedField,
  typeof hashText
>

/** A public key that seals, as a JWK set shows it. Source: RFC 8037, RFC 7638. */
export const auditKeySchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z
    .string()
    .regex(/^[\w-]{43}$/, 'must be 32 bytes as base64url')
    .meta({ examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'] }),
  kid: z
    .string()
    .min(1)
    .meta({ examples: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'] }),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
})

/** The first line. Its keys are a convenience: whoever must not trust the file brings keys of their own. */
export const auditHeaderSchema = z.strictObject({
  kind: z.literal('header'),
  format: z.literal(auditExportFormat),
  keys: z.array(auditKeySchema),
})

const sealFields = {
  seal: z.int().min(1),
  firstSequence: z.int().min(1),
  lastSequence: z.int().min(1),
  events: z.int().min(1),
  previousHash: hashText,
  hash: hashText,
  sealedAt: exactMoment,
  keyId: z.string().min(1),
} as const

/** What is signed of a seal, in its canonical form (RFC 8785), with `type` `audit-seal:v1`. */
export const auditSealSchema = z.strictObject(sealFields)

/** A seal; the events that it holds follow it. */
export const auditSealLineSchema = z.strictObject({ kind: z.literal('seal'), ...sealFields, signature: signatureText })

/** What is hashed of an event, in its canonical form: nothing in it is personal. */
export const auditRecordSchema = z.strictObject({
  sequence: z.int().min(1),
  id: z.uuid(),
  occurredAt: exactMoment,
  action: z.string().min(1),
  actor: z.string().min(1),
  subjectKind: z.string().min(1),
  commitments: z.strictObject(commitments),
})

/** An event: its record, the head of the chain after it, and what was committed to. `salt` null: that was erased. */
export const auditEventLineSchema = z.strictObject({
  kind: z.literal('event'),
  ...auditRecordSchema.shape,
  hash: hashText,
  salt: z.uuid().nullable(),
  accountId: z.uuid().nullable(),
  actorId: z.uuid().nullable(),
  subjectId: z.uuid().nullable(),
  requestId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
})

const endFields = {
  firstSeal: count,
  lastSeal: count,
  seals: count,
  events: count,
  /** Head of the chain after the last event; of an empty export 64 zeros. */
  hash: hashText,
  /** The newest seal that there was, exported or not. */
  newestSeal: count,
  exportedAt: exactMoment,
  keyId: z.string().min(1),
} as const

/** What is signed of the last line, with `type` `audit-export:v1`. */
export const auditEndSchema = z.strictObject(endFields)

/** The last line. Without it the export was cut. */
export const auditEndLineSchema = z.strictObject({ kind: z.literal('end'), ...endFields, signature: signatureText })

/** A line of an export: NDJSON, one JSON document each. */
export const auditLineSchema = z.discriminatedUnion('kind', [
  auditHeaderSchema,
  auditSealLineSchema,
  auditEventLineSchema,
  auditEndLineSchema,
])

/** A public key. */
export type AuditKey = z.output<typeof auditKeySchema>
/** What is hashed of an event. */
export type AuditRecord = z.output<typeof auditRecordSchema>
/** What is signed of a seal. */
export type AuditSeal = z.output<typeof auditSealSchema>
/** What is signed of the last line. */
export type AuditEnd = z.output<typeof auditEndSchema>
/** A seal with its signature. */
export type AuditSealLine = z.output<typeof auditSealLineSchema>
/** An event of an export. */
export type AuditEventLine = z.output<typeof auditEventLineSchema>
/** The last line. */
export type AuditEndLine = z.output<typeof auditEndLineSchema>
/** A line. */
export type AuditLine = z.output<typeof auditLineSchema>
