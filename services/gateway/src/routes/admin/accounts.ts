import { Failure } from '@portcullis/contracts/errors'
import { asId } from '@portcullis/contracts/ids'
import { searchAccounts } from '@portcullis/db/queries/account-search'
import { inTransaction } from '@portcullis/db/transaction'
import { changeAccountAsStaff } from '@portcullis/domain/admin/change-account'
import { inspectAccountAsStaff } from '@portcullis/domain/admin/inspect-account'
import { searchAccountsAsStaff } from '@portcullis/domain/admin/search-accounts'
import type { AppDeps } from '../../app-deps.ts'
import type { Routes } from '../../http/mount.ts'
import { showFoundAccount, showInspectedAccount } from './show-account.ts'

const pageRows = 50

/** The calls of staff on accounts: search, inspect, change. */
export function adminAccountRoutes(deps: AppDeps): Pick<Routes, 'searchAccounts' | 'inspectAccount' | 'changeAccount'> {
  const { database } = deps
  return {
    searchAccounts: async ({ session, caller, query }) => {
      const { limit = pageRows, cursor, createdAfter, createdBefore, ...rest } = query
      const search = { ...rest, createdAfter: momentOf(createdAfter), createdBefore: momentOf(createdBefore) }
      const page = { limit, after: cursor === undefined ? undefined : asId('account', cursor) }
      const found = await inTransaction(database, (tx) => searchAccountsAsStaff(tx, { session, caller }, search, page))
      const nextCursor = found.next?.replaceAll('-', '') ?? null
      return { status: 200, body: { items: found.accounts.map(showFoundAccount), nextCursor } }
    },
    inspectAccount: async ({ session, caller, params }) => {
      const by = { session, caller }
      const seen = await inTransaction(database, (tx) => inspectAccountAsStaff(tx, by, deps.limits, params.id))
      if (!seen) throw new Failure('not_found')
      return { status: 200, body: await showInspectedAccount(deps, seen) }
    },
    changeAccount: async ({ session, caller, params, body }) => {
      const by = { session, caller }
      const account = await inTransaction(database, async (tx) => {
        if (!(await changeAccountAsStaff(tx, by, params.id, body))) return undefined
        const found = await searchAccounts(tx, { id: params.id }, { limit: 1 })
        return found.kind === 'found' ? found.accounts[0] : undefined
      })
      if (!account) throw new Failure('not_found')
      return { status: 200, body: showFoundAccount(account) }
    },
  }
}

/** The contract has checked its form. */
function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}
