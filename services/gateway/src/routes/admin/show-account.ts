import { formatId } from '@portcullis/contracts/ids'
import type { FoundAccount } from '@portcullis/db/queries/account-search'
import type { InspectedAccount } from '@portcullis/domain/admin/inspect-account'
import type { AppDeps } from '../../app-deps.ts'
import { showActivity } from '../account/activity.ts'
import { showApiKey } from '../api-key/show.ts'
import { showLockdown } from '../lockdown/show.ts'
import { showSession } from '../session/show.ts'
import { showSshKeys } from '../ssh-key/show.ts'

/** An account as staff find it. */
export function showFoundAccount(account: FoundAccount): Record<string, unknown> {
  const { email, name, role, state, twoFactor } = account
  return {
    id: formatId('account', account.id),
    email,
    name,
    role,
    state,
    twoFactor,
    createdAt: account.createdAt.toISOString(),
    lastSeenAt: account.lastSeenAt?.toISOString() ?? null,
  }
}

/** An account with all that staff see of it. */
export async function showInspectedAccount(
  { database, places }: Pick<AppDeps, 'database' | 'places'>,
  seen: InspectedAccount,
): Promise<Record<string, unknown>> {
  const { language, passwordChangedAt, passwordSet, twoFactorSince } = seen.profile
  return {
    ...showFoundAccount(seen.account),
    language,
    passwordChangedAt: passwordChangedAt.toISOString(),
    passwordSet,
    twoFactorSince: twoFactorSince?.toISOString() ?? null,
    backupCodesLeft: seen.backupCodesLeft,
    sessions: seen.sessions.map((one) => showSession(one, undefined)),
    apiKeys: seen.apiKeys.map(showApiKey),
    sshKeys: await showSshKeys(database, seen.sshKeys),
    rentals: seen.rentals.map(({ id, host, createdAt, lastFetchedAt }) => ({
      id,
      host,
      createdAt: createdAt.toISOString(),
      lastFetchedAt: lastFetchedAt?.toISOString() ?? null,
    })),
    activity: seen.activity.map((one) => showActivity(one, places)),
    lockdowns: seen.lockdowns.map(showLockdown),
  }
}
