import { z } from 'zod'
import { type Setting, setting } from './config.ts'
import { deriveKey, masterKey, parseMasterKey } from './master-key.ts'
import type { SealingKey } from './seal.ts'
import type { Secret } from './secret.ts'

const keysMost = 10
const rule = `must be at most ${keysMost} master keys, separated by commas, each 32 random bytes or more as base64url without padding`

/** The older master keys: none by default. */
function olderKeys(): Setting<readonly Secret[]> {
  const schema = z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        const keys = text.split(',').flatMap((one) => one.trim() || [])
        if (keys.length <= keysMost) return keys.map((one) => parseMasterKey(one))
      } catch {
        // Told below, without the text.
      }
      context.addIssue({ code: 'custom', message: rule })
      return z.NEVER
    })
  return setting(schema, {
    reason:
      'master keys besides MASTER_KEY that still open what was sealed: the former one during a rotation, or the next',
    example: '<the former MASTER_KEY>',
    secret: true,
  })
}

/** Settings of everybody who derives keys. Spread them into a service's own shape. */
export const masterKeySettings = {
  MASTER_KEY: masterKey({
    reason: 'keys that seal secrets and make mailed tokens are derived from it; keep it out of the database',
  }),
  MASTER_KEYS_OLD: olderKeys(),
} as const

/** The master keys of a process. */
export interface MasterKeys {
  readonly MASTER_KEY: Secret
  readonly MASTER_KEYS_OLD: readonly Secret[]
}

/** The keys for one purpose, see `deriveKey`: the newest first, each once. */
export function deriveKeys(keys: MasterKeys, purpose: string): readonly [Uint8Array, ...Uint8Array[]] {
  const newest = deriveKey(keys.MASTER_KEY, purpose)
  const older = keys.MASTER_KEYS_OLD.map((master) => deriveKey(master, purpose))
  const seen = new Set([textOf(newest)])
  // A key may be named twice in the middle of a rotation: no reason to refuse the start.
  return [newest, ...older.filter((key) => !seen.has(textOf(key)) && seen.add(textOf(key)))]
}

/**
 * The keys that seal for one purpose, the newest first. Each is named by what it is (72 bits of HKDF-SHA256 of the master
 * key under a purpose of its own, which tell nothing of the key): another key can never come under a name that was used.
 */
export function sealingKeys(keys: MasterKeys, purpose: string): readonly SealingKey[] {
  const names = deriveKeys(keys, 'key-name:v1')
  return deriveKeys(keys, purpose).map((key, place) => ({ id: nameOf(names[place]), key }))
}

function nameOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes?.subarray(0, 9) ?? []).toString('base64url')
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('base64url')
}
