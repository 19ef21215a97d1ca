import { z } from 'zod'

/** What each prefix stands for. Inside the house ids are plain UUIDv7 text; the prefix is worn only where a caller sees it. */
export const idPrefixes = {
  account: 'acc',
  accountClosing: 'cls',
  apiClient: 'cli',
  apiKey: 'key',
  auditEvent: 'evt',
  emailChange: 'emc',
  job: 'job',
  lockdown: 'lck',
  lockdownItem: 'itm',
  notice: 'ntc',
  operation: 'opn',
  passwordReset: 'pwr',
  registration: 'reg',
  revocation: 'rev',
  riskSignal: 'sig',
  session: 'ses',
  sshKey: 'ssh',
  webhookDelivery: 'msg',
  webhookEndpoint: 'whk',
} as const

/** A kind of thing that has an id. */
export type IdKind = keyof typeof idPrefixes

/** A UUIDv7 as lower-case text with hyphens, branded with the kind of thing it names. */
export type Id<Kind extends IdKind> = string & z.$brand<Kind>

/** Marks text that is known to be the id of a `kind` (a column read, an id just made). No check is made. */
export function asId<Kind extends IdKind>(_kind: Kind, uuid: string): Id<Kind> {
  return uuid as Id<Kind>
}

/** The public form of an id: prefix, underscore and 32 hexadecimal digits, so that a double click selects all of it. */
export function formatId<Kind extends IdKind>(kind: Kind, id: Id<Kind>): string {
  return `${idPrefixes[kind]}_${id.replaceAll('-', '')}`
}

/** Reads the public form of an id of `kind`. Anything else is refused by the schema. */
export function publicId<Kind extends IdKind>(kind: Kind) {
  const form = new RegExp(`^${idPrefixes[kind]}_[0-9a-f]{32}$`)
  return (
    z
      .string()
      .regex(form, `must be an id that starts with ${idPrefixes[kind]}_`)
      // Told here, not by callers: what is said of a schema that transforms is left out of the documentation of its input.
      .meta({ examples: [`${idPrefixes[kind]}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`] })
      .transform((text) => asId(kind, hyphenate(text.slice(text.indexOf('_') + 1))))
  )
}

/** A plain UUID of `kind`, as payloads and rows carry it. */
export function plainId<Kind extends IdKind>(kind: Kind) {
  return z.uuid().transform((text) => asId(kind, text))
}

function hyphenate(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
