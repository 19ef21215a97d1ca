import type { Id } from '@portcullis/contracts/ids'
import { type LockdownStep, lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Database } from '@portcullis/db/connect'
import { listDueSteps } from '@portcullis/db/queries/lockdown-step'
import { inTransaction, isStoreAway, type Tx, withStore } from '@portcullis/db/transaction'
import { createGather } from '@portcullis/runtime/gather'
import { containLockdowns } from './contain.ts'
import type { LockdownFailpoints } from './failpoint.ts'
import { runLockdownStep, type StepStanding } from './run-step.ts'

/** What lockdowns that are under way together do together: each call for one lockdown, each transaction over a set. */
export interface StepGather {
  /** The steps that are not proven; `undefined`: there is no such lockdown. */
  readonly findDue: (id: Id<'lockdown'>) => Promise<readonly LockdownStep[] | undefined>
  readonly runStep: (step: LockdownStep, id: Id<'lockdown'>) => Promise<StepStanding>
  readonly contain: (id: Id<'lockdown'>) => Promise<unknown>
}

/** Transactions of one step at a time. */
const inFlightMost = 2

/** Gathers the work of lockdowns, `batchMost` to a transaction. A failing set is repeated one by one. */
export function createStepGather(database: Database, failpoint: LockdownFailpoints, batchMost: number): StepGather {
  const repeatable = (error: unknown) => !isStoreAway(error)
  const gather = <Out>(name: string, run: (ids: readonly Id<'lockdown'>[]) => Promise<readonly Out[]>) =>
    createGather<Id<'lockdown'>, Out>({ name, batchMost, inFlightMost, repeatable, run })

  /** One lockdown may come twice into a set: done once, answered twice. */
  const inOne = <Out>(name: string, work: (tx: Tx, ids: readonly Id<'lockdown'>[]) => Promise<readonly Out[]>) =>
    gather(name, async (ids) => {
      const distinct = [...new Set(ids)]
      const answers = await inTransaction(database, (tx) => work(tx, distinct))
      // Both kinds of work answer once for each, in order.
      return ids.map((id) => answers[distinct.indexOf(id)] as Out)
    })

  const steps = new Map(
    lockdownStepNames.map((step) => [
      step,
      inOne<StepStanding>(`lockdown_${step}`, (tx, ids) => runLockdownStep(tx, step, ids, failpoint)),
    ]),
  )
  return {
    findDue: gather('lockdown_due', async (ids) => {
      const found = await withStore(database, (queries) => listDueSteps(queries, ids))
      const stepsOf = new Map(found.map((one) => [one.lockdownId, one.steps]))
      return ids.map((id) => stepsOf.get(id))
    }),
    async runStep(step, id) {
      return (await steps.get(step)?.(id)) ?? 'unproven'
    },
    contain: inOne('lockdown_contain', (tx, ids) => containLockdowns(tx, ids, failpoint)),
  }
}
