import { countLinkLockdowns, findUsableLink, updateLinkUsed } from '@portcullis/db/queries/lockdown-link'
import { findOpenLockdown, lockAccountState } from '@portcullis/db/queries/lockdown'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { coarseIp } from '@portcullis/runtime/place'
import type { Caller } from '../caller.ts'
import { networkRule } from '../throttle/rules.ts'
import { takeAttempt } from '../throttle/take.ts'
import { hashMailedToken } from '../token/mailed-token.ts'
import type { SecondFactorDeps } from '../two-factor/check.ts'
import { checkOneFactor, type OneFactor } from './one-factor.ts'
import { openLockdown } from './open.ts'

/** What came of it. A wrong, used, expired or cut token are all the same to the caller. */
export type LinkLockdown =
  | { readonly kind: 'locked' }
  | { readonly kind: 'token_invalid' }
  | { readonly kind: 'factor_required' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/**
 * Locks the account behind a "this wasn't me" link, and can do nothing else. Used up by it; what goes wrong leaves it as it
 * was. A second link that locks an account within 24 hours needs a factor besides, so that a stolen mailbox cannot lock an
 * owner out again and again; one that only joins an open lockdown does not.
 */
export async function lockByLink(
  deps: SecondFactorDeps,
  input: { readonly token: string; readonly password?: string | undefined; readonly code?: string | undefined },
  caller: Caller,
): Promise<LinkLockdown> {
  const network = caller.ip === null ? 'unknown' : coarseIp(caller.ip)
  const admission = await takeAttempt(deps.database, [{ name: `lockdown-link|network|${network}`, rule: networkRule }])
  if (!admission.admitted) return { kind: 'wait', waitSeconds: admission.waitSeconds }
  const linkHash = hashMailedToken(input.token)
  const link = await withStore(deps.database, (queries) => findUsableLink(queries, linkHash))
  if (!link) return { kind: 'token_invalid' }
  const { accountId } = link
  const counter = `lockdown-link|password|${accountId}`
  const again = await withStore(deps.database, (queries) => countLinkLockdowns(queries, accountId))
  const factor: OneFactor = again > 0 ? await checkOneFactor(deps, accountId, counter, input) : { kind: 'none' }
  if (factor.kind === 'wait') return factor
  return inTransaction(deps.database, async (tx): Promise<LinkLockdown> => {
    // The account first: of two links at once the second must see what the first has done.
    const state = await lockAccountState(tx, accountId)
    if (state === undefined || state === 'disabled') return { kind: 'token_invalid' }
    if (!(await findOpenLockdown(tx, accountId)) && (await countLinkLockdowns(tx, accountId)) > 0) {
      if (factor.kind !== 'fits' || !(await factor.useUp(tx))) return { kind: 'factor_required' }
    }
    if (!(await updateLinkUsed(tx, linkHash))) return { kind: 'token_invalid' }
    await openLockdown(tx, {
      accountId,
      trigger: 'link',
      reason: null,
      compromisedSince: null,
      actor: 'anonymous',
      caller,
    })
    tx.wakeAfterCommit()
    return { kind: 'locked' }
  })
}
