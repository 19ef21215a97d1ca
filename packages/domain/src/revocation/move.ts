import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Permission } from '@portcullis/contracts/permission'
import { revocationShards } from '@portcullis/contracts/revocation'
import type { Database } from '@portcullis/db/connect'
import { lockStaffAndTarget } from '@portcullis/db/queries/account-administration'
import {
  lockRevocation,
  raiseHouseFence,
  type RevocationRow,
  updateRevocationState,
} from '@portcullis/db/queries/revocation'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { type AskingStaff, requirePermitted, staffFact } from '../admin/staff.ts'
import { recordFacts } from '../audit/record.ts'
import { enqueueAll } from '../job/enqueue.ts'
import { judgeMove, type RevocationMove } from './rules.ts'

/** What each move is called in the audit trail, and who may make it. */
const traits: Readonly<Record<RevocationMove, { readonly action: AuditAction; readonly permission: Permission }>> = {
  approve: { action: 'revocation_approved', permission: 'revocations.approve' },
  start: { action: 'revocation_started', permission: 'revocations.run' },
  pause: { action: 'revocation_paused', permission: 'revocations.run' },
  resume: { action: 'revocation_resumed', permission: 'revocations.run' },
  cancel: { action: 'revocation_cancelled', permission: 'revocations.run' },
  undo: { action: 'revocation_undo_started', permission: 'revocations.run' },
}

/** All that is written down about a bulk revocation itself. */
export const revocationActions: readonly string[] = [
  'revocation_drafted',
  ...Object.values(traits).map(({ action }) => action),
  'revocation_done',
  'revocation_undone',
]

/**
 * Approves, starts, pauses, resumes, cancels or undoes a bulk revocation: state, operation, audit event and jobs in one
 * transaction, which waits for the chunks that are under way. `false`: there is none. Said twice it is done once. Throws
 * `Failure`: `not_allowed`, `out_of_order`, `credential_required`.
 */
export async function moveRevocation(
  database: Database,
  by: AskingStaff,
  id: Id<'revocation'>,
  move: RevocationMove,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    const { accountId } = by.session
    // Before the account is locked: a chunk may hold it, and waits for nobody else.
    const revocation = await lockRevocation(tx, id)
    const { actorRole } = await lockStaffAndTarget(tx, by.session, accountId)
    if (actorRole === undefined) throw new Failure('credential_required')
    requirePermitted(actorRole, traits[move].permission)
    if (!revocation) return false
    const verdict = judgeMove(move, { ...revocation, hasStarted: revocation.startedAt !== null }, accountId)
    if (verdict.kind === 'refused') throw new Failure(verdict.code)
    if (verdict.kind === 'so_already') return true
    await updateRevocationState(tx, id, verdict.to, accountId)
    const isFenced = move === 'start' && revocation.fence
    if (isFenced) await raiseHouseFence(tx, id, sparedSession(revocation))
    if (verdict.to === 'running' || verdict.to === 'undoing') await enqueueShards(tx, id, by.caller.traceparent)
    const details = { from: revocation.state, to: verdict.to, ...(isFenced && { fence: true }) }
    const fact = { action: traits[move].action, accountId: null, subject: { kind: 'revocation', id }, details }
    await recordFacts(tx, [staffFact(by, actorRole, fact)])
    return true
  })
}

function sparedSession({ sparesOwnSession, createdBySession }: RevocationRow): Id<'session'> | null {
  return sparesOwnSession ? createdBySession : null
}

async function enqueueShards(tx: Tx, revocationId: Id<'revocation'>, traceparent: string): Promise<void> {
  const shards = Array.from({ length: revocationShards }, (_, shard) => shard)
  await enqueueAll(
    tx,
    'run.revocation',
    shards.map((shard) => ({ payload: { revocationId, shard }, traceparent })),
  )
}
