import type { Database } from '@portcullis/db/connect'
import { requestSweep } from '@portcullis/domain/sweep/request'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/admin/sweeps`. */
export function startSweepRoute(database: Database): Route<'startSweep'> {
  return async ({ session, caller, body }) => {
    await requestSweep(database, body.sweep, { session, caller })
    return { status: 202, body: { status: 'accepted' } }
  }
}
