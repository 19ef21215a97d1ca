import { Failure } from '@portcullis/contracts/errors'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { upsertPendingFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { encodeBase32 } from './base32.ts'
import type { SecondFactorDeps } from './check.ts'
import { otpauthUri } from './otpauth-uri.ts'
import { sealSecret } from './secret.ts'
import { newTotpSecret } from './totp.ts'

/** What an authenticator app needs: shown once, in the answer that begins the enrolment. */
export interface Enrolment {
  /** Base32, for typing. */
  readonly secret: string
  readonly otpauthUri: string
}

/**
 * Begins an enrolment: a new secret, pending until a valid code was given. Beginning again replaces one that was not
 * finished; the old secret is never shown again. `undefined` where a factor is active already.
 */
export async function beginTwoFactor(
  deps: Pick<SecondFactorDeps, 'database' | 'sealer'> & { readonly issuer: string },
  session: LivingSession,
  caller: Caller,
  account: string,
): Promise<Enrolment | undefined> {
  const secret = newTotpSecret()
  const sealed = sealSecret(deps.sealer, session.accountId, secret)
  const begun = await inTransaction(deps.database, async (tx) => {
    // A lockdown or a revocation since the session was checked wins.
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    if (!(await upsertPendingFactor(tx, session.accountId, sealed))) return false
    await recordFacts(tx, [
      {
        action: 'authn_factor_enrolment_begun',
        accountId: session.accountId,
        actor: 'account',
        actorId: session.accountId,
        subject: { kind: 'totp_factor', id: session.accountId },
        requestId: caller.requestId,
      },
    ])
    return true
  })
  if (!begun) return undefined
  return { secret: encodeBase32(secret), otpauthUri: otpauthUri({ issuer: deps.issuer, account, secret }) }
}
