import type { Id } from '@portcullis/contracts/ids'
import { lockAccountState, type LockdownTrigger } from '@portcullis/db/queries/lockdown'
import type { Tx } from '@portcullis/db/transaction'
import type { OnBehalf } from '../account/on-behalf.ts'
import { requireNotAboveNow } from '../admin/staff.ts'
import { type OpenedLockdown, openLockdown } from './open.ts'

const triggers = {
  api_client: 'api_client',
  support: 'admin',
  admin: 'admin',
} as const satisfies Record<OnBehalf['actor'], LockdownTrigger>

/**
 * Locks an account for a client of the product or for staff. `undefined`: there is no such account, or it is disabled. Throws
 * `Failure` `not_allowed` where support would lock an admin.
 */
export async function lockByOther(
  tx: Tx,
  by: OnBehalf,
  input: {
    readonly accountId: Id<'account'>
    readonly reason: string | null
    readonly compromisedSince: Date | null
  },
): Promise<OpenedLockdown | undefined> {
  const { actor, actorId, caller } = by
  // The network and the program of staff or of a back end are no news to the owner.
  const unseen = { ...caller, ip: null, userAgent: null }
  await lockAccountState(tx, input.accountId)
  await requireNotAboveNow(tx, actor, input.accountId)
  const opened = await openLockdown(tx, { ...input, trigger: triggers[actor], actor, actorId, caller: unseen })
  tx.wakeAfterCommit()
  return opened
}
