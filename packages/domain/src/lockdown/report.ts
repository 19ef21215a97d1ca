import type { Id } from '@portcullis/contracts/ids'
import { lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Database, Queries } from '@portcullis/db/connect'
import { findLockdown, type LockdownRow } from '@portcullis/db/queries/lockdown'
import { listLockdownItems, type LockdownItemRow } from '@portcullis/db/queries/lockdown-recovery'
import {
  listTimeline,
  listUnconfirmedHosts,
  type TimelineRow,
  type UnconfirmedHostRow,
} from '@portcullis/db/queries/lockdown-report'
import { listLockdownSteps, type LockdownStepRow } from '@portcullis/db/queries/operation'
import { withStore } from '@portcullis/db/transaction'

/** All that is known of a lockdown. */
export interface LockdownReport {
  readonly lockdown: LockdownRow
  readonly timeline: readonly TimelineRow[]
  /** In the order of the contract. */
  readonly steps: readonly LockdownStepRow[]
  readonly unconfirmedHosts: readonly UnconfirmedHostRow[]
  readonly items: readonly LockdownItemRow[]
}

/** Reads the report of a lockdown; `undefined` where there is none, or it is of another account than `accountId`. */
export async function readLockdownReport(
  database: Database,
  id: Id<'lockdown'>,
  accountId?: Id<'account'>,
): Promise<LockdownReport | undefined> {
  return withStore(database, async (queries) => {
    const lockdown = await findLockdown(queries, id)
    if (!lockdown || (accountId !== undefined && lockdown.accountId !== accountId)) return undefined
    const [timeline, steps, unconfirmedHosts, items] = await Promise.all([
      listTimeline(queries, id),
      readLockdownSteps(queries, id),
      listUnconfirmedHosts(queries, id),
      listLockdownItems(queries, id),
    ])
    return { lockdown, timeline, steps, unconfirmedHosts, items }
  })
}

/** Reads the steps of a lockdown, in the order of the contract. */
export async function readLockdownSteps(queries: Queries, id: Id<'lockdown'>): Promise<LockdownStepRow[]> {
  const rows = await listLockdownSteps(queries, id)
  return rows.toSorted((a, b) => lockdownStepNames.indexOf(a.step) - lockdownStepNames.indexOf(b.step))
}
