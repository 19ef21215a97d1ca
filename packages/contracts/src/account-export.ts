import { z } from 'zod'
import { momentField } from './api/field.ts'

/** Names the format; another one has another name. */
export const accountExportFormat = 'portcullis-account/1'

const id = z.string().meta({ examples: ['ses_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] })
const text = z.string()
const maybe = text.nullable()
const at = momentField('When.')
const maybeAt = at.nullable()
const count = z.int().min(0)
const details = z.record(z.string(), z.unknown()).nullable()

/** What each kind of line holds. No secret, and nothing that a secret could be made of. */
const kinds = {
  profile: {
    id,
    email: text,
    name: text,
    language: text,
    role: text,
    state: text,
    createdAt: at,
    passwordChangedAt: at,
    twoFactorSince: maybeAt,
    backupCodesLeft: count,
    mutedNotices: z.array(text),
  },
  session: {
    id,
    deviceName: maybe,
    userAgent: maybe,
    ip: maybe,
    country: maybe,
    secondFactor: z.boolean(),
    createdAt: at,
    lastSeenAt: at,
    expiresAt: at,
    revokedAt: maybeAt,
    revokedBecause: maybe,
  },
  login: { occurredAt: at, outcome: text, factors: text, network: maybe, country: maybe, device: text },
  known_device: { createdAt: at, lastSeenAt: at },
  api_key: {
    id,
    name: text,
    prefix: text,
    last4: text,
    scopes: z.array(text),
    createdAt: at,
    expiresAt: maybeAt,
    lastUsedAt: maybeAt,
    lastUsedNetwork: maybe,
    lastUsedCountry: maybe,
    revokedAt: maybeAt,
    revokedBecause: maybe,
  },
  ssh_key: {
    id,
    name: text,
    keyType: text,
    publicKey: text,
    createdAt: at,
    revokedAt: maybeAt,
    revokedBecause: maybe,
  },
  rental: { id: text, host: text, createdAt: at, endedAt: maybeAt, lastFetchedAt: maybeAt },
  notice: { id, kind: text, occurredAt: at, mailedAt: maybeAt, ip: maybe, userAgent: maybe, details },
  email_change: {
    id,
    oldEmail: text,
    newEmail: text,
    state: text,
    requestedAt: at,
    confirmedAt: maybeAt,
    endedAt: maybeAt,
  },
  password_reset: { state: text, requestedAt: at, endedAt: maybeAt, ip: maybe, userAgent: maybe },
  lockdown: { id, trigger: text, reason: maybe, state: text, openedAt: at, containedAt: maybeAt, recoveredAt: maybeAt },
  risk_signal: { id, kind: text, level: text, reason: text, reference: maybe, occurredAt: at, receivedAt: at },
  closing: { id, state: text, requestedAt: at, dueAt: at, endedAt: maybeAt },
  audit_event: { id, action: text, occurredAt: at, actor: text, subjectKind: text, details },
} as const satisfies Record<string, z.ZodRawShape>

/** What a line is about. */
export type ExportKind = keyof typeof kinds

/** All of them, in the order of an export. */
// Guarantee: they are the keys of that very object.
export const exportKinds = Object.keys(kinds) as readonly ExportKind[]

/** The first line of an export. */
const headerSchema = z.strictObject({
  type: z.literal('header'),
  format: z.literal(accountExportFormat),
  exportedAt: at,
})

/** The last line: how many lines there are of each kind. A file without it was cut. */
const endSchema = z.strictObject({ type: z.literal('end'), counts: z.record(z.string(), count) })

function lineOf<Kind extends ExportKind>(kind: Kind) {
  return z.strictObject({ type: z.literal(kind), ...kinds[kind] })
}

/** One line of an export: one JSON document. `type` tells them apart; ids have their public form, moments are in UTC. */
export const accountExportLineSchema = z.discriminatedUnion('type', [
  headerSchema,
  lineOf('profile'),
  lineOf('session'),
  lineOf('login'),
  lineOf('known_device'),
  lineOf('api_key'),
  lineOf('ssh_key'),
  lineOf('rental'),
  lineOf('notice'),
  lineOf('email_change'),
  lineOf('password_reset'),
  lineOf('lockdown'),
  lineOf('risk_signal'),
  lineOf('closing'),
  lineOf('audit_event'),
  endSchema,
])

/** One line of an export. */
export type AccountExportLine = z.output<typeof accountExportLineSchema>
