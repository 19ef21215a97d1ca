import { asId, type Id } from '@portcullis/contracts/ids'
import { isPermitted } from '@portcullis/contracts/permission'
import type { Database } from '@portcullis/db/connect'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import { findOperation, type LockdownStepRow, type OperationRow } from '@portcullis/db/queries/operation'
import type { LivingSession } from '@portcullis/db/queries/session'
import { withStore } from '@portcullis/db/transaction'
import { readLockdownSteps } from '../lockdown/report.ts'
import { opensOperation } from '../lockdown/watch-token.ts'

/** Who wants to watch. */
export interface Watcher {
  readonly session?: LivingSession | undefined
  readonly client?: LivingClient | undefined
  readonly watchToken?: string | undefined
}

/** An operation as somebody may see it. */
export interface WatchedOperation {
  readonly operation: OperationRow
  readonly steps: readonly LockdownStepRow[]
  /** Whether they may see names, too; else numbers and truths only. */
  readonly names: boolean
}

/**
 * Reads an operation for somebody who may watch it: the owner of the account, the client that began it, staff in a session
 * with a second factor, or whoever has its watch token. `undefined` for all others, and where there is none.
 */
export async function readWatched(
  database: Database,
  keys: readonly Uint8Array[],
  id: Id<'operation'>,
  watcher: Watcher,
): Promise<WatchedOperation | undefined> {
  return withStore(database, async (queries) => {
    const operation = await findOperation(queries, id)
    if (!operation) return undefined
    const names = mayWatch(operation, watcher)
    const byToken = watcher.watchToken !== undefined && opensOperation(keys, id, watcher.watchToken)
    if (!names && !byToken) return undefined
    const steps = operation.kind === 'lockdown' ? await readLockdownSteps(queries, asId('lockdown', id)) : []
    return { operation, steps, names }
  })
}

function mayWatch({ accountId, actor, actorId }: OperationRow, { session, client }: Watcher): boolean {
  if (client) return actor === 'api_client' && actorId === client.id
  if (!session) return false
  return session.accountId === accountId || (isPermitted(session.role, 'operations.watch') && session.secondFactor)
}
