import type { Id } from '@portcullis/contracts/ids'
import { type MasterKeys, sealingKeys } from '@portcullis/runtime/master-key-ring'
import { createSealer, type Sealer, sealedPlace } from '@portcullis/runtime/seal'

/**
 * The sealer of factors' secrets: seals under the newest master key and opens what any of them sealed. `k1` is what the
 * key was called before keys were named by what they are.
 */
export function createFactorSealer(keys: MasterKeys): Sealer {
  return createSealer({ keys: sealingKeys(keys, 'totp-secret'), unnamed: 'k1' })
}

/** Seals the secret of a factor, bound to its row: moved to another account it opens nothing. */
export function sealSecret(sealer: Sealer, accountId: Id<'account'>, secret: Uint8Array): string {
  return sealer.seal(secret, sealedPlace('totp_factors', 'secret_sealed', accountId))
}

/** Opens it. A secret that cannot be opened is a failure, never "two-factor is off". */
export function openSecret(sealer: Sealer, accountId: Id<'account'>, sealed: string): Uint8Array {
  return sealer.open(sealed, sealedPlace('totp_factors', 'secret_sealed', accountId))
}
