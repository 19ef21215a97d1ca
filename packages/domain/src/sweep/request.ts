import { Failure } from '@portcullis/contracts/errors'
import { retentionSweepNames, sessionSweepNames, type SweepName } from '@portcullis/contracts/sweep-name'
import type { Database } from '@portcullis/db/connect'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'

/** Says that a sweep is to run now, or all of them; audited. One that is running already goes on and is not begun twice. */
export async function requestSweep(
  database: Database,
  sweep: SweepName | undefined,
  { session, caller }: { readonly session: LivingSession; readonly caller: Caller },
): Promise<void> {
  const ofSessions = sessionSweepNames.find((name) => name === sweep)
  const ofRetention = retentionSweepNames.find((name) => name === sweep)
  await inTransaction(database, async (tx) => {
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    const { traceparent } = caller
    if (!ofRetention) await enqueue(tx, 'sweep.sessions', ofSessions ? { sweep: ofSessions } : {}, traceparent)
    if (!ofSessions) await enqueue(tx, 'purge.expired', ofRetention ? { sweep: ofRetention } : {}, traceparent)
    await recordFacts(tx, [
      {
        action: 'sweep_requested',
        accountId: null,
        actor: 'admin',
        actorId: session.accountId,
        subject: { kind: 'account', id: session.accountId },
        requestId: caller.requestId,
        details: { sweep: sweep ?? 'all', by: session.id },
      },
    ])
  })
}
