import { approvalAccountsAbove, type RevocationKind } from '@portcullis/contracts/revocation'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Selector } from '@portcullis/contracts/selector'
import { lockStaffAndTarget } from '@portcullis/db/queries/account-administration'
import { insertRevocation, updateRevocationCounted } from '@portcullis/db/queries/revocation'
import { freezeTargets } from '@portcullis/db/queries/revocation-target'
import { listUserAgents } from '@portcullis/db/queries/selector'
import type { SessionLimits } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { type AskingStaff, requirePermitted, staffFact } from '../admin/staff.ts'
import { recordFacts } from '../audit/record.ts'
import { isDevice } from './device.ts'

/** What an admin wants to be ended. */
export interface RevocationWish {
  readonly selector: Selector
  readonly kinds: readonly RevocationKind[]
  readonly reason: string
  /** Raise the house's fence at the start; only for everyone and all kinds, which the schema holds. */
  readonly fence: boolean
  /** Credentials at most in a second; null: as fast as logins allow. */
  readonly ratePerSecond: number | null
  readonly includeOwnSession: boolean
}

const userAgentsAtOnce = 5000

/**
 * Drafts a bulk revocation in the caller's transaction, which should be of a connection with a free planner: counts exactly, and
 * freezes the accounts as targets. Nothing is revoked. Throws `Failure`: `credential_required`, `not_allowed`.
 */
export async function draftRevocation(
  tx: Tx,
  by: AskingStaff,
  id: Id<'revocation'>,
  wish: RevocationWish,
  limits: SessionLimits,
): Promise<void> {
  const { id: sessionId, accountId } = by.session
  const { actorRole } = await lockStaffAndTarget(tx, by.session, accountId)
  if (actorRole === undefined) throw new Failure('credential_required')
  requirePermitted(actorRole, 'revocations.draft')
  const { selector, kinds, reason, fence, ratePerSecond } = wish
  const revocation = {
    id,
    selector,
    kinds,
    reason,
    fence,
    ratePerSecond,
    createdBy: accountId,
    createdBySession: sessionId,
    sparesOwnSession: !wish.includeOwnSession,
  }
  await insertRevocation(tx, revocation)
  const userAgents = selector.device === undefined ? undefined : await listDevices(tx, selector.device)
  const counts = await freezeTargets(tx, revocation, { selector, userAgents, limits })
  const needsApproval = counts.accounts > approvalAccountsAbove
  await updateRevocationCounted(tx, id, counts, needsApproval)
  const subject = { kind: 'revocation', id }
  // The selector may name people, so it is not told here: the revocation itself keeps it.
  const details = { parts: Object.keys(selector), kinds, reason, fence, ratePerSecond, needsApproval, ...counts }
  await recordFacts(tx, [staffFact(by, actorRole, { action: 'revocation_drafted', accountId: null, subject, details })])
}

/** The `User-Agent`s that are a device: what the store keeps is what was sent, and only code can read that. */
async function listDevices(tx: Tx, device: string): Promise<string[]> {
  const found: string[] = []
  for (let after: string | null = null; ;) {
    const page: string[] = await listUserAgents(tx, after, userAgentsAtOnce)
    found.push(...page.filter((userAgent) => isDevice(userAgent, device)))
    if (page.length < userAgentsAtOnce) return found
    after = page.at(-1) ?? null
  }
}
