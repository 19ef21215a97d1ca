import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { countBackupCodes } from '@portcullis/db/queries/two-factor'
import { withStore } from '@portcullis/db/transaction'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import { renewBackupCodes } from '@portcullis/domain/two-factor/renew-backup-codes'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/account/backup-codes`. */
export function renewBackupCodesRoute(deps: SecondFactorDeps): Route<'renewBackupCodes'> {
  return async ({ session, caller }) => {
    const backupCodes = await renewBackupCodes(deps, session, caller)
    if (!backupCodes) throw new Failure('two_factor_not_begun')
    return { status: 200, body: { backupCodes } }
  }
}

/** `GET /v1/account/backup-codes`. */
export function countBackupCodesRoute(database: Database): Route<'countBackupCodes'> {
  return async ({ accountId }) => {
    const left = await withStore(database, (queries) => countBackupCodes(queries, accountId))
    return { status: 200, body: { left } }
  }
}
