import type { KindCounts } from '@portcullis/contracts/revocation'

/** Pure: how many accounts the next chunk may have so that it has no more than so many credentials: by what those of the last one had. */
export function accountsWithin(
  perSecond: number,
  { sessions, apiKeys, sshKeys }: KindCounts,
  accounts: number,
): number {
  const each = Math.max(1, (sessions + apiKeys + sshKeys) / Math.max(1, accounts))
  return Math.max(1, Math.floor(perSecond / each))
}
