import type { Id } from '@portcullis/contracts/ids'
import type { LockdownStep } from '@portcullis/contracts/lockdown-step'
import {
  type DueLockdown,
  listDueLockdowns,
  lockLockdownAccounts,
  type StepResult,
  updateStepResults,
} from '@portcullis/db/queries/lockdown-step'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { LockdownFailpoints } from './failpoint.ts'
import { stepWorks } from './step/list.ts'
import { type Acted, type ReadBack, stepFact } from './step/work.ts'

/** How a step stands after it was run. */
export type StepStanding =
  | 'proven'
  /** Others have not done their part yet. */
  | 'awaited'
  /** It was done, and what was read back does not show it. */
  | 'unproven'

/**
 * Runs one step of lockdowns, in the caller's transaction: does what is left of it, reads back, and writes down what it did
 * and what proves it, with the audit events. Whose step was proven before, by whomever, is left alone. Answers in order.
 */
export async function runLockdownStep(
  tx: Tx,
  step: LockdownStep,
  ids: readonly Id<'lockdown'>[],
  failpoint: LockdownFailpoints,
): Promise<StepStanding[]> {
  // Locked first, read second: what was committed while this waited is seen.
  const [, due] = await Promise.all([lockLockdownAccounts(tx, ids), listDueLockdowns(tx, ids, step)])
  const results = due.length === 0 ? [] : await actAndReadBack(tx, step, due)
  failpoint(`inside_${step}`)
  const standing = new Map(results.map((result) => [result.lockdownId, standingOf(result)]))
  return ids.map((id) => standing.get(id) ?? 'proven')
}

async function actAndReadBack(tx: Tx, step: LockdownStep, due: readonly DueLockdown[]): Promise<StepResult[]> {
  const { act, readBack } = stepWorks[step]
  // Both are on their way at once: one connection answers in order, so the second reads what the first has written.
  const [acted, seen] = await Promise.all([act?.(tx, due) ?? [], readBack(tx, due)])
  const results = due.map((lockdown) => resultOf(lockdown, acted, seen, act !== undefined))
  const proofs = results
    .filter((result) => result.proven)
    .flatMap(({ lockdownId, counts, proof }) => {
      const lockdown = due.find((one) => one.id === lockdownId)
      const subject = { kind: 'lockdown', id: lockdownId }
      return lockdown ? [stepFact(lockdown, 'lockdown_step_proven', subject, { step, counts, proof })] : []
    })
  await Promise.all([
    updateStepResults(tx, step, results),
    recordFacts(tx, [...acted.flatMap(({ facts }) => facts), ...proofs]),
  ])
  return results
}

function resultOf(
  lockdown: DueLockdown,
  acted: readonly Acted[],
  seen: readonly ReadBack[],
  attempted: boolean,
): StepResult {
  const counts: Record<string, number> = { ...lockdown.counts }
  for (const one of acted.filter(({ lockdownId }) => lockdownId === lockdown.id)) {
    for (const [name, count] of Object.entries(one.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  const back = seen.find(({ lockdownId }) => lockdownId === lockdown.id)
  return { lockdownId: lockdown.id, proven: back?.proven ?? false, counts, proof: back?.proof ?? {}, attempted }
}

function standingOf(result: StepResult): StepStanding {
  if (result.proven) return 'proven'
  return result.attempted ? 'unproven' : 'awaited'
}
