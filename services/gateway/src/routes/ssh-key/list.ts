import type { Database } from '@portcullis/db/connect'
import { listSshKeys } from '@portcullis/db/queries/ssh-key'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import { showSshKeys } from './show.ts'

/** `GET /v1/account/ssh-keys`. */
export function listSshKeysRoute(database: Database): Route<'listSshKeys'> {
  return async ({ accountId }) => {
    const keys = await withStore(database, (queries) => listSshKeys(queries, accountId))
    return { status: 200, body: { items: await showSshKeys(database, keys), nextCursor: null } }
  }
}
