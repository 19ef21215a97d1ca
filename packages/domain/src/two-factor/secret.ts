import type { Id } from '@portcullis/contracts/ids'
import { type Sealer, sealedPlace } from '@portcullis/runtime/seal'

/** Seals the secret of a factor, bound to its row: moved to another account it opens nothing. */
export function sealSecret(sealer: Sealer, accountId: Id<'account'>, secret: Uint8Array): string {
  return sealer.seal(secret, sealedPlace('totp_factors', 'secret_sealed', accountId))
}

/** Opens it. A secret that cannot be opened is a failure, never "two-factor is off". */
export function openSecret(sealer: Sealer, accountId: Id<'account'>, sealed: string): Uint8Array {
  return sealer.open(sealed, sealedPlace('totp_factors', 'secret_sealed', accountId))
}
