import type { Id } from '@portcullis/contracts/ids'
import { type FoundAccount, searchAccounts } from '@portcullis/db/queries/account-search'
import { listActivity } from '@portcullis/db/queries/activity'
import { type ApiKeyRow, listApiKeys } from '@portcullis/db/queries/api-key'
import type { LockdownRow } from '@portcullis/db/queries/lockdown'
import { listLockdowns } from '@portcullis/db/queries/lockdown-report'
import { findAccountProfile, type AccountProfile } from '@portcullis/db/queries/owner'
import { listRentedServers, type RentedServer } from '@portcullis/db/queries/rental'
import { listSessions, type SessionLimits, type SessionRow } from '@portcullis/db/queries/session'
import { listSshKeys, type SshKeyRow } from '@portcullis/db/queries/ssh-key'
import { countBackupCodes } from '@portcullis/db/queries/two-factor'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { type AskingStaff, requirePermitted, staffFact } from './staff.ts'

const rentalsMost = 100
const activityMost = 50

/** All that staff see of an account. Never a secret. */
export interface InspectedAccount {
  readonly account: FoundAccount
  readonly profile: AccountProfile
  readonly backupCodesLeft: number
  readonly sessions: readonly SessionRow[]
  readonly apiKeys: readonly ApiKeyRow[]
  readonly sshKeys: readonly SshKeyRow[]
  readonly rentals: readonly RentedServer[]
  readonly activity: Awaited<ReturnType<typeof listActivity>>
  readonly lockdowns: readonly LockdownRow[]
}

/** Reads an account for one of the staff, and records that they looked. `undefined`: there is none. */
export async function inspectAccountAsStaff(
  tx: Tx,
  by: AskingStaff,
  limits: SessionLimits,
  id: Id<'account'>,
): Promise<InspectedAccount | undefined> {
  const { role } = by.session
  requirePermitted(role, 'accounts.inspect')
  const found = await searchAccounts(tx, { id }, { limit: 1 })
  const account = found.kind === 'found' ? found.accounts[0] : undefined
  const profile = await findAccountProfile(tx, id)
  if (!account || !profile) return undefined
  const subject = { kind: 'account', id }
  await recordFacts(tx, [staffFact(by, role, { action: 'account_inspected', accountId: id, subject, details: {} })])
  return {
    account,
    profile,
    backupCodesLeft: await countBackupCodes(tx, id),
    sessions: await listSessions(tx, id, limits),
    apiKeys: await listApiKeys(tx, id),
    sshKeys: await listSshKeys(tx, id),
    rentals: await listRentedServers(tx, id, rentalsMost),
    activity: await listActivity(tx, id, null, activityMost),
    lockdowns: await listLockdowns(tx, id),
  }
}
