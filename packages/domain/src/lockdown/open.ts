import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Actor } from '@portcullis/db/queries/audit-event'
import {
  findOpenLockdown,
  insertLockdown,
  lockAccountState,
  type LockdownRow,
  type LockdownTrigger,
  updateLockdownJoined,
} from '@portcullis/db/queries/lockdown'
import { updateStepsDueAgain } from '@portcullis/db/queries/lockdown-step'
import type { Tx } from '@portcullis/db/transaction'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { holdClosing } from '../closing/hold.ts'
import { enqueue } from '../job/enqueue.ts'
import { notifyOwner } from '../notice/notify.ts'

/** Somebody says "compromised". */
export interface LockdownRequest {
  readonly accountId: Id<'account'>
  readonly trigger: LockdownTrigger
  /** In the words of whoever says so. */
  readonly reason: string | null
  /** Since when somebody else may have been at work. Null: 7 days. */
  readonly compromisedSince: Date | null
  readonly actor: Actor
  readonly actorId?: string
  readonly caller: Pick<Caller, 'ip' | 'userAgent' | 'traceparent' | 'requestId'>
}

/** What it came to. */
export interface OpenedLockdown {
  readonly lockdown: LockdownRow
  /** A lockdown was open already: this one is part of it. */
  readonly joined: boolean
}

/**
 * Locks an account down, in the caller's transaction. From the commit on nothing that was issued before opens anything, on
 * any node: the account is `locked` and its epoch raised. What follows (`run.lockdown`) tidies, tells and proves. A
 * lockdown that is open already is joined. `undefined`: there is no such account, or it is disabled.
 */
export async function openLockdown(tx: Tx, request: LockdownRequest): Promise<OpenedLockdown | undefined> {
  const { accountId } = request
  // Both on their way at once: one connection answers in order, so the second sees what the wait for the first let in.
  const [state, open] = await Promise.all([lockAccountState(tx, accountId), findOpenLockdown(tx, accountId)])
  if (state === undefined || state === 'disabled') return undefined
  return { lockdown: await (open ? join(tx, open, request) : openNew(tx, request)), joined: open !== undefined }
}

async function openNew(tx: Tx, request: LockdownRequest): Promise<LockdownRow> {
  const { accountId, trigger, reason, compromisedSince, actor, actorId = null, caller } = request
  const [id, txn] = [newId('lockdown'), newUuid()]
  const wish = {
    id,
    accountId,
    trigger,
    reason,
    compromisedSince,
    actor,
    actorId,
    txn,
    recoverySalt: randomBytesOf(16),
  }
  // None needs the answer of another, and whoever presses the button waits for them: one round trip for all.
  const [lockdown] = await Promise.all([
    insertLockdown(tx, wish, lockdownStepNames),
    recordFacts(tx, [factOf('account_locked', { id, txn }, request)]),
    // An intruder who asked for the closing would have the traces erased.
    holdClosing(tx, accountId, 'locked'),
    enqueue(tx, 'run.lockdown', { lockdownId: id }, caller.traceparent),
    notifyOwner(tx, { accountId, kind: 'account_locked', caller, lockdownId: id }),
    enqueue(tx, 'tell.support', { lockdownId: id }, caller.traceparent),
  ])
  return lockdown
}

async function join(tx: Tx, open: LockdownRow, request: LockdownRequest): Promise<LockdownRow> {
  const lockdown = await updateLockdownJoined(tx, open.id, request.compromisedSince)
  if (!lockdown) throw new Error('a lockdown that was just locked is not there')
  await recordFacts(tx, [factOf('account_lockdown_joined', lockdown, request)])
  await holdClosing(tx, request.accountId, 'locked')
  // Whoever joins may reach further back: then there is more to gather, and a younger second factor is suspect.
  if (lockdown.compromisedSince < open.compromisedSince) await updateStepsDueAgain(tx, open.id)
  await enqueue(tx, 'run.lockdown', { lockdownId: lockdown.id }, request.caller.traceparent)
  return lockdown
}

function factOf(action: AuditAction, { id, txn }: Pick<LockdownRow, 'id' | 'txn'>, request: LockdownRequest): Fact {
  const { accountId, trigger, actor, actorId, caller } = request
  return {
    action,
    accountId,
    actor,
    ...(actorId === undefined ? {} : { actorId }),
    subject: { kind: 'lockdown', id },
    requestId: caller.requestId,
    details: { trigger, lockdownId: id, txn },
  }
}
