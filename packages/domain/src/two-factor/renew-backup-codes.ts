import { Failure } from '@portcullis/contracts/errors'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { hasActiveFactor, replaceBackupCodes } from '@portcullis/db/queries/two-factor'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { hashBackupCodes } from './backup-code-set.ts'
import type { SecondFactorDeps } from './check.ts'

/** Replaces the backup codes: the old ones open nothing from then on. `undefined` where two-factor is off. */
export async function renewBackupCodes(
  deps: Pick<SecondFactorDeps, 'database' | 'hasher'>,
  session: LivingSession,
  caller: Caller,
): Promise<readonly string[] | undefined> {
  const { accountId } = session
  const { codes, hashes } = await hashBackupCodes(deps.hasher)
  return inTransaction(deps.database, async (tx) => {
    // A lockdown, a reset or a revocation since the session was checked wins.
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    if (!(await hasActiveFactor(tx, accountId))) return undefined
    await replaceBackupCodes(tx, accountId, hashes)
    await recordFacts(tx, [
      {
        action: 'authn_backup_codes_renewed',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'account', id: accountId },
        requestId: caller.requestId,
      },
    ])
    await notifyOwner(tx, { accountId, kind: 'backup_codes_renewed', caller })
    return codes
  })
}
