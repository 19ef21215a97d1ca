import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { DueLockdown } from '@portcullis/db/queries/lockdown-step'
import type { Tx } from '@portcullis/db/transaction'
import type { Fact } from '../../audit/record.ts'

/** What a step did for one lockdown, in one execution. */
export interface Acted {
  readonly lockdownId: Id<'lockdown'>
  readonly counts: Readonly<Record<string, number>>
  /** In the words of the house, for whoever listens. */
  readonly facts: readonly Fact[]
}

/** What was seen after it. */
export interface ReadBack {
  readonly lockdownId: Id<'lockdown'>
  readonly proven: boolean
  /** What proves it: counts, ids, moments. No secret, no address. */
  readonly proof: Readonly<Record<string, unknown>>
}

/**
 * One step of a lockdown, for any number of them at once: each function is one statement over a set. `act` may be repeated
 * at any time: it touches only what was there before the lockdown. A lockdown that it does not answer for needed nothing.
 */
export interface StepWork {
  /** Absent: others do it in their own time, and the step only looks whether they have. */
  readonly act?: (tx: Tx, lockdowns: readonly DueLockdown[]) => Promise<readonly Acted[]>
  /** Reads the store, after `act` in the same transaction, and answers for each lockdown. */
  readonly readBack: (tx: Tx, lockdowns: readonly DueLockdown[]) => Promise<readonly ReadBack[]>
}

/** The ids of a set. */
export function idsOf(lockdowns: readonly DueLockdown[]): Id<'lockdown'>[] {
  return lockdowns.map((lockdown) => lockdown.id)
}

/** A fact that a step made true: by the house, for its lockdown, under the `txn` of all that belongs to it. */
export function stepFact(
  lockdown: DueLockdown,
  action: AuditAction,
  subject: Fact['subject'],
  details: Readonly<Record<string, unknown>>,
): Fact {
  const { id, accountId, txn } = lockdown
  const whole = { because: 'lockdown', lockdownId: id, txn, ...details }
  return { action, accountId, actor: 'system', subject, details: whole }
}

/** Matches rows, of which each names its lockdown, with the set. */
export function byLockdown<Row extends { readonly lockdownId: Id<'lockdown'> }>(
  lockdowns: readonly DueLockdown[],
  rows: readonly Row[],
): { readonly lockdown: DueLockdown; readonly rows: readonly Row[] }[] {
  const grouped = Map.groupBy(rows, (row) => row.lockdownId)
  return lockdowns.flatMap((lockdown) => {
    const found = grouped.get(lockdown.id)
    return found ? [{ lockdown, rows: found }] : []
  })
}
