import type { Id } from '@portcullis/contracts/ids'
import { deleteKnownDevices } from '@portcullis/db/queries/known-device'
import type { Tx } from '@portcullis/db/transaction'
import { parseEmail } from '../email/address.ts'
import { loginCounter } from '../session/login-counter.ts'
import { codeCounter } from '../two-factor/check.ts'
import { forgetAttempts } from './take.ts'

/**
 * A new password may be tried anew, also after so many wrong ones that none was let through any more (NIST SP 800-63B-4
 * 3.2.2: bound anew); codes likewise, where one was given. Browsers that were known for the old password are strangers
 * again, and so are their counters.
 */
export async function forgetFailures(
  tx: Tx,
  account: { readonly accountId: Id<'account'>; readonly email: string },
  withCode: boolean,
): Promise<void> {
  const { accountId } = account
  const address = parseEmail(account.email)
  const names = address.ok ? [loginCounter(address.key)] : []
  await forgetAttempts(tx, withCode ? [...names, codeCounter(accountId)] : names)
  await deleteKnownDevices(tx, accountId)
}
