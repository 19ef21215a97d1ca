import type { Id } from '@portcullis/contracts/ids'
import { countBackupCodes } from '@portcullis/db/queries/two-factor'
import type { Tx } from '@portcullis/db/transaction'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'

/** So few are few. */
const fewLeft = 3

/** Tells an owner that a backup code was used, and when few are left. To be called once it is used up. */
export async function tellBackupCodeUsed(tx: Tx, accountId: Id<'account'>, caller: Caller): Promise<void> {
  const left = await countBackupCodes(tx, accountId)
  await notifyOwner(tx, { accountId, kind: 'backup_code_used', caller, details: { left } })
  if (left <= fewLeft) await notifyOwner(tx, { accountId, kind: 'backup_codes_low', caller, details: { left } })
}
