import type { RecoveringLockdown } from '@portcullis/db/queries/lockdown-recovery'
import { upsertPendingFactor } from '@portcullis/db/queries/two-factor'
import type { Tx } from '@portcullis/db/transaction'
import type { Sealer } from '@portcullis/runtime/seal'
import { encodeBase32 } from '../two-factor/base32.ts'
import { otpauthUri } from '../two-factor/otpauth-uri.ts'
import { sealSecret } from '../two-factor/secret.ts'
import { newTotpSecret } from '../two-factor/totp.ts'

/** What an authenticator app needs: shown once. */
export interface Enrolment {
  /** Base32, for typing. */
  readonly secret: string
  readonly otpauthUri: string
}

/** An enrolment that is ready to be written. */
export interface PreparedEnrolment {
  readonly shown: Enrolment
  readonly sealed: string
}

/** Makes a new secret for the account of a recovery. Nothing is written. */
export function prepareEnrolment(
  { sealer, issuer }: { readonly sealer: Sealer; readonly issuer: string },
  { accountId, email }: Pick<RecoveringLockdown, 'accountId' | 'email'>,
): PreparedEnrolment {
  const secret = newTotpSecret()
  return {
    shown: { secret: encodeBase32(secret), otpauthUri: otpauthUri({ issuer, account: email, secret }) },
    sealed: sealSecret(sealer, accountId, secret),
  }
}

/** Writes it: pending until a valid code comes, in place of one that was not finished. The account must be locked. */
export async function writeEnrolment(
  tx: Tx,
  { accountId }: Pick<RecoveringLockdown, 'accountId'>,
  { sealed }: PreparedEnrolment,
): Promise<boolean> {
  return upsertPendingFactor(tx, accountId, sealed)
}
