import { deleteOldEmailChanges, updateChangesEnded } from '@portcullis/db/queries/email-change-sweep'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { changeFact } from './change-fact.ts'

/** What is over is kept so long. */
const keptDays = 30

/**
 * One chunk of ending changes of address whose time is over: a confirmed one is final, a request void, each with an audit
 * event; those long over are deleted. Returns how many rows, the most of any kind; less than `most` means that it is done.
 */
export async function finishEmailChanges(tx: Tx, most: number): Promise<number> {
  const ended = await updateChangesEnded(tx, most)
  await recordFacts(
    tx,
    ended.map((change) => changeFact(`email_change_${change.state}`, change, { actor: 'system' }, { because: 'time' })),
  )
  const deleted = await deleteOldEmailChanges(tx, keptDays, most)
  const settled = ended.filter(({ state }) => state === 'final').length
  return Math.max(settled, ended.length - settled, deleted)
}
