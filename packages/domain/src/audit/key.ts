import type { KeyObject } from 'node:crypto'
import type { AuditKey } from '@portcullis/contracts/audit-export'
import type { auditKeySettings } from '@portcullis/runtime/audit-key-setting'
import type { Config } from '@portcullis/runtime/config'
import { ed25519KeyOf, ed25519PublicOf, readEd25519Public } from '@portcullis/runtime/ed25519'
import { deriveKeys, type MasterKeys } from '@portcullis/runtime/master-key-ring'

/** For ever: whoever keeps an export verifies it by a key that comes from here. */
const purpose = 'audit-seal:v1'

/** What seals. */
export interface AuditKeys {
  readonly keyId: string
  readonly key: KeyObject
  /** Every key that may have sealed, the present one first. */
  readonly published: readonly AuditKey[]
}

/** Makes the key that seals, and what is published of it and of those before. */
export function createAuditKeys(config: MasterKeys & Config<typeof auditKeySettings>): AuditKeys {
  const given = config.AUDIT_SEAL_KEY && Buffer.from(config.AUDIT_SEAL_KEY.reveal(), 'base64url')
  const seeds = [...(given ? [given] : []), ...deriveKeys(config, purpose)]
  const [key, ...others] = seeds.map(ed25519KeyOf)
  if (key === undefined) throw new Error('there is no key that seals')
  const old = config.AUDIT_KEYS_OLD.flatMap((x) => readEd25519Public(x) ?? [])
  const all = [key, ...others, ...old].map(ed25519PublicOf)
  const published = [...new Map(all.map((one) => [one.kid, one])).values()]
  return { keyId: ed25519PublicOf(key).kid, key, published }
}
