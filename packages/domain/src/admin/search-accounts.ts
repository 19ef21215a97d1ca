import { Failure } from '@portcullis/contracts/errors'
import {
  type AccountSearch,
  type FoundAccounts,
  searchAccounts,
  searchedSessionsMost,
  type SearchPage,
} from '@portcullis/db/queries/account-search'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { emailPrefixKey } from './email-prefix.ts'
import { type AskingStaff, requirePermitted, staffFact } from './staff.ts'

/** What staff search by: `emailPrefix` in any spelling. */
export type StaffSearch = Omit<AccountSearch, 'emailKeyPrefix'> & { readonly emailPrefix?: string | undefined }

/**
 * Searches accounts, and records that it was done and by what kinds of filter: never for whom. Throws `Failure`
 * `validation_failed` where a network has more sessions than a search looks at, or the page before cannot be gone on from.
 */
export async function searchAccountsAsStaff(
  tx: Tx,
  by: AskingStaff,
  { emailPrefix, ...rest }: StaffSearch,
  page: SearchPage,
): Promise<Extract<FoundAccounts, { kind: 'found' }>> {
  const { role } = by.session
  requirePermitted(role, 'accounts.search')
  const emailKeyPrefix = emailPrefix === undefined ? undefined : emailPrefixKey(emailPrefix)
  const found = await searchAccounts(tx, { ...rest, emailKeyPrefix }, page)
  if (found.kind === 'network_too_wide') {
    const detail = `has more than ${searchedSessionsMost} sessions: name a narrower one`
    throw new Failure('validation_failed', { faults: [{ pointer: '/network', code: 'network_too_wide', detail }] })
  }
  if (found.kind === 'cursor_gone') {
    const detail = 'names an account that is gone: begin again without it'
    throw new Failure('validation_failed', { faults: [{ pointer: '/cursor', code: 'cursor_gone', detail }] })
  }
  const asked = Object.entries({ emailPrefix, ...rest })
  const filters = asked.filter(([, value]) => value !== undefined).map(([name]) => name)
  const details = { filters: filters.sort(), found: found.accounts.length }
  const subject = { kind: 'session', id: by.session.id }
  await recordFacts(tx, [staffFact(by, role, { action: 'accounts_searched', accountId: null, subject, details })])
  return found
}
