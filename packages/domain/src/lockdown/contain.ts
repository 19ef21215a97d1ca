import type { Id } from '@portcullis/contracts/ids'
import { lockLockdownAccounts, updateLockdownsContained } from '@portcullis/db/queries/lockdown-step'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { LockdownFailpoints } from './failpoint.ts'

/**
 * Calls those of the lockdowns contained that have every step proven, in the caller's transaction: each once, whoever asks.
 * Tells of each, in order, whether it became so now.
 */
export async function containLockdowns(
  tx: Tx,
  ids: readonly Id<'lockdown'>[],
  failpoint: LockdownFailpoints,
): Promise<boolean[]> {
  const [, contained] = await Promise.all([lockLockdownAccounts(tx, ids), updateLockdownsContained(tx, ids)])
  await recordFacts(
    tx,
    contained.map(({ id, accountId, txn, afterMs }) => ({
      action: 'lockdown_contained',
      accountId,
      actor: 'system',
      subject: { kind: 'lockdown', id },
      details: { lockdownId: id, txn, afterMs },
    })),
  )
  failpoint('inside_contain')
  const now = new Set(contained.map(({ id }) => id))
  return ids.map((id) => now.has(id))
}
