import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import {
  findLockdownByGrant,
  findLockdownByToken,
  lockLockedAccount,
  type RecoveringLockdown,
  updateRecoveryBegun,
} from '@portcullis/db/queries/lockdown-recovery'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { coarseIp } from '@portcullis/runtime/place'
import { randomToken } from '@portcullis/runtime/random'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { networkRule, type WindowRule } from '../throttle/rules.ts'
import { takeAttempt } from '../throttle/take.ts'
import { hashMailedToken } from '../token/mailed-token.ts'

/** What the second step will ask for: a code of the factor that was kept, an enrolment, or neither. */
export type RecoveryFactor = 'code' | 'enrol' | 'optional'

/** Why a step of a recovery cannot be done. A wrong, used or cut token, and a grant that is over, are all the same. */
export type RecoveryRefusal =
  | { readonly kind: 'token_invalid' | 'out_of_order' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** What `begin` gives. */
export type RecoveryBegun =
  | {
      readonly kind: 'begun'
      readonly stage: 'password' | 'second_factor' | 'review'
      /** Goes with every further step; stored only as a hash. Absent where one was given. */
      readonly grant?: string
      readonly factor: RecoveryFactor
    }
  | RecoveryRefusal

/** 60 steps an hour of one lockdown: counted only once token or grant are right, so that nobody else can use them up. */
const lockdownRule: WindowRule = { kind: 'window', most: 60, windowSeconds: 3600 }

/**
 * Begins a recovery with the token that was mailed to the trusted address: always at the password, as a mailbox alone must
 * not open what password and factor have opened before. With a grant it tells which step is due.
 */
export async function beginRecovery(
  database: Database,
  id: Id<'lockdown'>,
  input: { readonly token?: string | undefined; readonly grant?: string | undefined },
  caller: Caller,
): Promise<RecoveryBegun> {
  const { token, grant } = input
  if (grant !== undefined) {
    const found = await findRecovery(database, id, grant, caller)
    if (found.kind !== 'found') return found
    return { kind: 'begun', stage: stageOf(found.lockdown), factor: factorOf(found.lockdown) }
  }
  const refused = await countNetwork(database, caller)
  if (refused) return refused
  const tokenHash = hashMailedToken(token ?? '')
  const lockdown = await withStore(database, (queries) => findLockdownByToken(queries, id, tokenHash))
  if (!lockdown) return { kind: 'token_invalid' }
  if (!lockdown.safe) return { kind: 'out_of_order' }
  const fresh = `pcg_${randomToken(32)}`
  const begun = await inTransaction(database, async (tx) => {
    if (!(await lockLockedAccount(tx, lockdown.accountId))) return false
    if (!(await updateRecoveryBegun(tx, id, tokenHash, sha256(fresh)))) return false
    await recordRecovery(tx, lockdown, 'account_recovery_begun', caller, {})
    return true
  })
  if (!begun) return { kind: 'token_invalid' }
  return { kind: 'begun', stage: 'password', grant: fresh, factor: factorOf(lockdown) }
}

/** Finds the recovery that a grant goes on with, and counts the step. */
export async function findRecovery(
  database: Database,
  id: Id<'lockdown'>,
  grant: string,
  caller: Caller,
): Promise<
  { readonly kind: 'found'; readonly lockdown: RecoveringLockdown; readonly grantHash: Buffer } | RecoveryRefusal
> {
  const refused = await countNetwork(database, caller)
  if (refused) return refused
  const grantHash = sha256(grant)
  const lockdown = await withStore(database, (queries) => findLockdownByGrant(queries, id, grantHash))
  if (!lockdown) return { kind: 'token_invalid' }
  const admission = await takeAttempt(database, [{ name: `recovery|lockdown|${id}`, rule: lockdownRule }])
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  return { kind: 'found', lockdown, grantHash }
}

/** What the second step asks for. Staff, and whoever had a factor that the intruder may have replaced, must enrol one. */
export function factorOf({ factor, hadFactor, role }: RecoveringLockdown): RecoveryFactor {
  if (factor) return 'code'
  return hadFactor || role !== 'member' ? 'enrol' : 'optional'
}

/** Records a fact about a recovery. */
export async function recordRecovery(
  tx: Parameters<typeof recordFacts>[0],
  { id, accountId, txn }: Pick<RecoveringLockdown, 'id' | 'accountId' | 'txn'>,
  action: AuditAction,
  caller: Caller,
  details: Record<string, unknown>,
): Promise<void> {
  await recordFacts(tx, [
    {
      action,
      accountId,
      actor: 'account',
      actorId: accountId,
      subject: { kind: 'lockdown', id },
      requestId: caller.requestId,
      details: { lockdownId: id, txn, ...details },
    },
  ])
}

function stageOf({ recovery }: RecoveringLockdown): 'password' | 'second_factor' | 'review' {
  return recovery === 'second_factor' || recovery === 'review' ? recovery : 'password'
}

async function countNetwork(database: Database, caller: Caller): Promise<RecoveryRefusal | undefined> {
  const network = caller.ip === null ? 'unknown' : coarseIp(caller.ip)
  const admission = await takeAttempt(database, [{ name: `recovery|network|${network}`, rule: networkRule }])
  return admission.admitted ? undefined : { kind: 'wait', waitSeconds: admission.waitSeconds }
}
