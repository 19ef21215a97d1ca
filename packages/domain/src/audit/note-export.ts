import type { SealRange } from '@portcullis/db/queries/audit-seal'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'
import type { Caller } from '../caller.ts'
import { recordFacts } from './record.ts'

/** Records that the audit was taken out, by whom and how much of it was asked for. Before its first line is sent. */
export async function noteAuditExport(tx: Tx, session: LivingSession, caller: Caller, range: SealRange): Promise<void> {
  await recordFacts(tx, [
    {
      action: 'audit_exported',
      accountId: null,
      actor: session.role === 'support' ? 'support' : 'admin',
      actorId: session.accountId,
      subject: { kind: 'audit_export', id: newUuid() },
      requestId: caller.requestId,
      details: { ...range, by: session.id },
    },
  ])
}
