import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { findExportPart, takeExport } from '@portcullis/db/queries/account-export'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import type { Sealer } from '@portcullis/runtime/seal'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { openPart } from './sealing.ts'

/**
 * Takes an own export for the one time that it is given, and gives its parts, one in memory at a time. `undefined` where it is not
 * ready, was taken, has expired, or is not theirs. Whose line is cut asks for another.
 */
export async function fetchOwnExport(
  database: Database,
  sealer: Sealer,
  session: LivingSession,
  id: Id<'operation'>,
  caller: Caller,
): Promise<AsyncGenerator<Uint8Array, void> | undefined> {
  const { accountId } = session
  const taken = await inTransaction(database, async (tx) => {
    if (!(await lockSessionAccount(tx, session)) || !(await takeExport(tx, accountId, id))) return false
    await recordFacts(tx, [
      {
        action: 'account_export_fetched',
        accountId,
        actor: 'account',
        actorId: accountId,
        subject: { kind: 'account_export', id },
        requestId: caller.requestId,
        details: { by: session.id },
      },
    ])
    return true
  })
  return taken ? parts(database, sealer, id) : undefined
}

async function* parts(database: Database, sealer: Sealer, id: Id<'operation'>): AsyncGenerator<Uint8Array, void> {
  for (let part = 0; ; part += 1) {
    const at = part
    const sealed = await withStore(database, (queries) => findExportPart(queries, id, at))
    if (sealed === undefined) return
    yield openPart(sealer, id, part, sealed)
  }
}
