import { exportKinds } from '@portcullis/contracts/account-export'
import { Failure } from '@portcullis/contracts/errors'
import { countExports, type ExportRow, insertExport } from '@portcullis/db/queries/account-export'
import { isCoolingDown } from '@portcullis/db/queries/email-change'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'

/** Exports of an account within 24 hours. */
const dailyMost = 3

/**
 * Takes an owner's wish for a copy of all that is kept of them, in the caller's transaction. Throws `Failure`:
 * `credential_required` where the session has ended meanwhile, `cooling_down` while the address can be taken back, `limit_reached`
 * while another is made and after three within 24 hours. Source: GDPR Art. 15, 20.
 */
export async function requestExport(tx: Tx, session: LivingSession, caller: Caller): Promise<ExportRow> {
  const { accountId } = session
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  if (await isCoolingDown(tx, accountId)) throw new Failure('cooling_down')
  const { running, lately } = await countExports(tx, accountId)
  if (running > 0 || lately >= dailyMost) throw new Failure('limit_reached')
  const id = newId('operation')
  const made = await insertExport(tx, id, accountId, exportKinds.length)
  await recordFacts(tx, [
    {
      action: 'account_export_requested',
      accountId,
      actor: 'account',
      actorId: accountId,
      subject: { kind: 'account_export', id },
      requestId: caller.requestId,
      details: { by: session.id },
    },
  ])
  await enqueue(tx, 'make.export', { exportId: id }, caller.traceparent)
  tx.wakeAfterCommit()
  return made
}
