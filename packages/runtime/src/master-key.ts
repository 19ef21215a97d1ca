import { hkdfSync } from 'node:crypto'
import { z } from 'zod'
import { setting } from './config.ts'
import type { About, Setting } from './config.ts'
import { Secret } from './secret.ts'

const leastBytes = 32
const rule = `must be ${leastBytes} random bytes or more, as base64url without padding`

/**
 * A key of 32 bytes for one purpose, from the master key: HKDF-SHA256 (RFC 5869) without salt, `purpose` as `info`.
 * The same master and purpose always give the same key; keys of different purposes tell nothing of each other or of the
 * master. Name the purpose once and for ever, with a version: `reset-token:v1`.
 *
 * @throws Error when the purpose is empty or the master key is not one (see `parseMasterKey`); no value is in its message.
 */
export function deriveKey(master: Secret, purpose: string): Uint8Array {
  if (purpose === '') throw new Error('a key needs a purpose')
  const material = Buffer.from(parseMasterKey(master.reveal()).reveal(), 'base64url')
  return new Uint8Array(hkdfSync('sha256', material, '', purpose, 32))
}

/**
 * Takes text for a master key: base64url (RFC 4648 section 5, no padding) of 32 bytes or more.
 *
 * @throws Error that tells the rule, and never the text.
 */
export function parseMasterKey(text: string): Secret {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < leastBytes || bytes.toString('base64url') !== text) throw new Error(rule)
  return new Secret(text)
}

/** A setting that holds a master key. The example is a shape, not a key: `parseMasterKey` refuses it. */
export function masterKey(about: Pick<About, 'reason'>): Setting<Secret> {
  const schema = z.string().transform((text, context) => {
    try {
      return parseMasterKey(text)
    } catch {
      context.addIssue({ code: 'custom', message: rule })
      return z.NEVER
    }
  })
  return setting(schema, {
    reason: about.reason,
    example: '<the output of: openssl rand 32 | basenc --base64url | tr -d =>',
    secret: true,
  })
}
