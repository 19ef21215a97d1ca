import type { Database } from '@portcullis/db/connect'
import { insertAccount } from '@portcullis/db/queries/account'
import { updateRegistrationConfirmed } from '@portcullis/db/queries/registration'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { hashMailedToken } from '../token/mailed-token.ts'

/**
 * Confirms an address with the mailed token, which makes the account: `true` for exactly one caller. `false` for a
 * wrong, used, expired or cut token, and where the address got an account by another mail meanwhile.
 */
export async function confirmRegistration(database: Database, token: string, caller: Caller): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    const registration = await updateRegistrationConfirmed(tx, hashMailedToken(token))
    if (!registration) return false
    const { email, emailKey, name, passwordHash } = registration
    const accountId = newId('account')
    const made = await insertAccount(tx, { id: accountId, email, emailKey, name, passwordHash })
    await recordFacts(tx, [
      {
        action: made ? 'user_created' : 'user_registration_overtaken',
        accountId: made ? accountId : null,
        actor: 'anonymous',
        subject: { kind: 'registration', id: registration.id },
        requestId: caller.requestId,
      },
    ])
    return made
  })
}
