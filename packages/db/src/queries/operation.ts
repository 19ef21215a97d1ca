import type { Id } from '@portcullis/contracts/ids'
import type { LockdownStep } from '@portcullis/contracts/lockdown-step'
import type { Queries } from '../connect.ts'
import type { Actor } from './audit-event.ts'
import type { LockdownState, RecoveryStage } from './lockdown.ts'

/** A step of a lockdown as it stands. */
export interface LockdownStepRow {
  readonly step: LockdownStep
  readonly state: 'pending' | 'acted' | 'proven'
  readonly attempts: number
  readonly counts: Record<string, number>
  readonly proof: Record<string, unknown> | null
  readonly lastErrorCode: string | null
  readonly actedAt: Date | null
  readonly provenAt: Date | null
}

/** Long work as it stands, of whatever kind. */
export interface OperationRow {
  readonly id: Id<'operation'>
  readonly kind: 'lockdown' | 'bulk_revocation' | 'account_export'
  /** Whose account it concerns, if it is one. */
  readonly accountId: Id<'account'> | null
  readonly actor: Actor
  readonly actorId: string | null
  readonly status: 'running' | 'paused' | 'done' | 'failed' | 'cancelled'
  readonly done: number
  readonly total: number
  readonly errorCode: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly endedAt: Date | null
  /** So much in a second, of a bulk revocation at work. */
  readonly perSecond: number | null
  /** Rises with every change. */
  readonly version: string
  /** Only of a lockdown. */
  readonly lockdownState: LockdownState | null
  readonly recovery: RecoveryStage | null
}

/** Reads an operation. */
export async function findOperation(queries: Queries, id: Id<'operation'>): Promise<OperationRow | undefined> {
  const [row] = await queries.sql<OperationRow[]>`
    select operation.id, operation.kind, operation.account_id as "accountId", operation.actor,
      operation.actor_id as "actorId", operation.status, operation.done, operation.total,
      operation.error_code as "errorCode", operation.created_at as "createdAt", operation.updated_at as "updatedAt",
      operation.ended_at as "endedAt", ${versionOf(queries)} as version, lockdown.state as "lockdownState",
      lockdown.recovery,
      case when revocation.running_since is not null and operation.done > revocation.done_before
        then (operation.done - revocation.done_before)
          / greatest(extract(epoch from clock_timestamp() - revocation.running_since), 0.001) end::float8 as "perSecond"
    from operations as operation left join lockdowns as lockdown on lockdown.id = operation.id
      left join bulk_revocations as revocation on revocation.id = operation.id
    where operation.id = ${id}`
  return row
}

/** How operations stand at this moment: a version that rises with every change, by id. Those that are gone are missing. */
export async function listOperationVersions(
  queries: Queries,
  ids: readonly Id<'operation'>[],
): Promise<Map<Id<'operation'>, string>> {
  const rows = await queries.sql<{ id: Id<'operation'>; version: string }[]>`
    select operation.id, ${versionOf(queries)} as version from operations as operation
    where operation.id = any(${[...ids]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row.version]))
}

/** Reads the steps of a lockdown, in no particular order: as many as there are names. */
export async function listLockdownSteps(queries: Queries, id: Id<'lockdown'>): Promise<LockdownStepRow[]> {
  const rows = await queries.sql<LockdownStepRow[]>`
    select step, state, attempts, counts, proof, last_error_code as "lastErrorCode", acted_at as "actedAt",
      proven_at as "provenAt"
    from lockdown_steps where lockdown_id = ${id}`
  return [...rows]
}

/** Microseconds of its last change. */
function versionOf(queries: Queries) {
  return queries.sql`(extract(epoch from operation.updated_at) * 1000000)::bigint::text`
}
