import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import {
  deleteFactorFromBefore,
  findLockedSshKey,
  type ItemDecision,
  listLockdownItems,
  type LockdownItemRow,
  type RecoveringLockdown,
  updateItemsByRule,
  updateItemsDecided,
} from '@portcullis/db/queries/lockdown-recovery'
import { revertConfirmedChange } from '@portcullis/db/queries/lockdown-revert'
import { insertKeyOnRentals, insertSshKey } from '@portcullis/db/queries/ssh-key'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'

/** What the decisions came to. */
export type Decided =
  | { readonly kind: 'decided'; readonly factorUndone: boolean; readonly counts: Record<string, number> }
  | { readonly kind: 'unknown_item'; readonly place: number }

/** What one decision did, for the audit event; `undefined`: it is only noted. */
type Effect = { readonly action: AuditAction; readonly details: Record<string, unknown> } | undefined

/**
 * Carries out what the owner decided of each item, once; what is suspect and left out is undone, by rule. Both accounts of
 * it are kept. The account must be locked by this transaction.
 *
 * | item | keep | undo |
 * | --- | --- | --- |
 * | ssh_key | added anew under the present epoch and deployed: only where it is said of this very key | stays revoked |
 * | api_key | stays revoked: its secret may be known | stays revoked |
 * | email_change | stays | the address goes back, while that can be done |
 * | second_factor | stays | taken away; another must be enrolled |
 * | transaction | noted | disputed: the product is told |
 * | session, login, password | noted | noted: they are over |
 */
export async function decideItems(
  tx: Tx,
  lockdown: RecoveringLockdown,
  decisions: readonly ItemDecision[],
  caller: Caller,
): Promise<Decided> {
  const items = new Map((await listLockdownItems(tx, lockdown.id)).map((item) => [item.id, item]))
  const place = decisions.findIndex(({ id }) => !items.has(id))
  if (place >= 0) return { kind: 'unknown_item', place }
  const byOwner = await updateItemsDecided(tx, lockdown.id, decisions)
  const byRule = await updateItemsByRule(tx, lockdown.id)
  const wanted = new Map(decisions.map(({ id, decision }) => [id, decision]))
  let factorUndone = false
  for (const item of items.values()) {
    const who = byOwner.has(item.id) ? 'owner' : byRule.has(item.id) ? 'rule' : undefined
    if (who === undefined) continue
    const decision = who === 'rule' ? 'undo' : (wanted.get(item.id) ?? 'undo')
    const effect = await carryOut(tx, lockdown, item, decision, caller)
    if (effect?.action === 'authn_factor_deleted') factorUndone = true
    if (effect) await recordDecision(tx, lockdown, item, effect, who, caller)
  }
  const counts = countDecisions([...items.values()], byOwner, byRule, wanted)
  return { kind: 'decided', factorUndone, counts }
}

async function carryOut(
  tx: Tx,
  lockdown: RecoveringLockdown,
  item: LockdownItemRow,
  decision: 'keep' | 'undo',
  caller: Caller,
): Promise<Effect> {
  if (item.kind === 'ssh_key' && decision === 'keep') return approveKey(tx, lockdown, item)
  if (decision === 'keep') return undefined
  if (item.kind === 'email_change') return revertAddress(tx, lockdown, item, caller)
  if (item.kind === 'transaction') {
    return {
      action: 'transaction_disputed',
      details: { signalId: item.subject, reference: item.summary['reference'] ?? null },
    }
  }
  if (item.kind !== 'second_factor') return undefined
  // A factor that was enrolled since, in this recovery, is another.
  const gone = await deleteFactorFromBefore(tx, lockdown.accountId, lockdown.openedAt)
  return gone ? { action: 'authn_factor_deleted', details: { by: 'recovery' } } : undefined
}

/** A key that its owner says is theirs: the same public key under a new id, so that the revoked one stays as evidence. */
async function approveKey(tx: Tx, lockdown: RecoveringLockdown, item: LockdownItemRow): Promise<Effect> {
  const key = await findLockedSshKey(tx, lockdown, item.subject)
  if (!key) return undefined
  const { accountId } = lockdown
  const added = await insertSshKey(tx, { ...key, id: newId('sshKey'), accountId })
  if (typeof added === 'string') return undefined
  const rentals = await insertKeyOnRentals(tx, accountId, added.id)
  return { action: 'ssh_key_added', details: { by: 'recovery', sshKeyId: added.id, from: key.id, rentals } }
}

async function revertAddress(
  tx: Tx,
  { accountId, id }: RecoveringLockdown,
  item: LockdownItemRow,
  caller: Caller,
): Promise<Effect> {
  if (!(await revertConfirmedChange(tx, accountId, item.subject))) return undefined
  await notifyOwner(tx, { accountId, kind: 'email_change_reverted', caller, lockdownId: id })
  return { action: 'email_change_reverted', details: { by: 'recovery', emailChangeId: item.subject } }
}

async function recordDecision(
  tx: Tx,
  { id, accountId, txn }: RecoveringLockdown,
  item: LockdownItemRow,
  { action, details }: NonNullable<Effect>,
  who: 'owner' | 'rule',
  caller: Caller,
): Promise<void> {
  const subject =
    typeof details['sshKeyId'] === 'string'
      ? { kind: 'ssh_key', id: details['sshKeyId'] }
      : { kind: 'lockdown_item', id: item.id }
  await recordFacts(tx, [
    {
      action,
      accountId,
      actor: who === 'owner' ? 'account' : 'system',
      ...(who === 'owner' && { actorId: accountId }),
      subject,
      requestId: caller.requestId,
      details: { ...details, lockdownId: id, txn, lockdownItemId: item.id },
    },
  ])
}

function countDecisions(
  items: readonly LockdownItemRow[],
  byOwner: ReadonlySet<Id<'lockdownItem'>>,
  byRule: ReadonlySet<Id<'lockdownItem'>>,
  wanted: ReadonlyMap<Id<'lockdownItem'>, 'keep' | 'undo'>,
): Record<string, number> {
  const kept = items.filter(({ id, decision }) => (byOwner.has(id) ? wanted.get(id) : decision) === 'keep').length
  const earlier = items.filter(({ decision }) => decision === 'undo').length
  const undone = earlier + byRule.size + [...byOwner].filter((id) => wanted.get(id) === 'undo').length
  return { items: items.length, kept, undone, undecided: items.length - kept - undone }
}
