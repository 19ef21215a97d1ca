import { Failure } from '@portcullis/contracts/errors'
import { type ClosingRow, findLatestClosing, insertClosing } from '@portcullis/db/queries/account-closing'
import { findRole } from '@portcullis/db/queries/account-administration'
import { isCoolingDown } from '@portcullis/db/queries/email-change'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import type { Caller } from '../caller.ts'
import { recordFacts } from '../audit/record.ts'
import { notifyOwner } from '../notice/notify.ts'
import { closingFact } from './fact.ts'

/**
 * Takes an owner's wish to close the account after `days`, in the caller's transaction; one that is pending is given again, and
 * nobody is told twice. Nothing is taken from the account until then. Throws `Failure`: `credential_required` where the session
 * has ended meanwhile, `staff_account`, and `cooling_down` while the address can be taken back: an intruder who has put their own
 * in its place would be the one who is told. Source: GDPR Art. 17.
 */
export async function requestClosing(
  tx: Tx,
  session: LivingSession,
  days: number,
  caller: Caller,
): Promise<ClosingRow> {
  const { accountId } = session
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  const latest = await findLatestClosing(tx, accountId)
  if (latest?.state === 'pending') return latest
  if ((await findRole(tx, accountId)) !== 'member') throw new Failure('staff_account')
  if (await isCoolingDown(tx, accountId)) throw new Failure('cooling_down')
  const made = { id: newId('accountClosing'), accountId, keepSalt: randomBytesOf(16) }
  const closing = await insertClosing(tx, made, days)
  const by = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  await recordFacts(tx, [closingFact('account_closing_requested', closing, by, { by: session.id, days })])
  const details = { closingId: closing.id, dueAt: closing.dueAt.toISOString() }
  await notifyOwner(tx, { accountId, kind: 'account_closing', caller, details })
  tx.wakeAfterCommit()
  return closing
}
