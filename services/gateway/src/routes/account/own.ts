import { Failure } from '@portcullis/contracts/errors'
import { readLanguage } from '@portcullis/contracts/language'
import { formatId, type Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { findOwnAccount } from '@portcullis/db/queries/owner'
import { withStore } from '@portcullis/db/transaction'
import { changeProfile } from '@portcullis/domain/account/change-profile'
import type { Answer, Route } from '../../http/mount.ts'

/** `GET /v1/account`. */
export function getAccountRoute(database: Database): Route<'getAccount'> {
  return ({ accountId }) => showAccount(database, accountId)
}

/** `PATCH /v1/account`. */
export function renameAccountRoute(database: Database): Route<'renameAccount'> {
  return async ({ session, body, caller }) => {
    await changeProfile(database, session, body, caller)
    return showAccount(database, session.accountId)
  }
}

async function showAccount(database: Database, id: Id<'account'>): Promise<Answer> {
  const account = await withStore(database, (queries) => findOwnAccount(queries, id))
  if (!account) throw new Failure('credential_required')
  const { email, name, language, role, state, twoFactor, passwordChangedAt, createdAt } = account
  return {
    status: 200,
    body: {
      id: formatId('account', id),
      email,
      name,
      language: readLanguage(language),
      role,
      state,
      twoFactor,
      passwordChangedAt: passwordChangedAt.toISOString(),
      createdAt: createdAt.toISOString(),
    },
  }
}
