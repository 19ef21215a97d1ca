import type { Database } from '@portcullis/db/connect'
import { makeRevocationList } from '@portcullis/domain/ssh-key/revocation-list'
import type { Route } from '../../http/mount.ts'

/** `GET /v1/ssh/revoked-keys.krl`. */
export function fetchRevokedKeysRoute(database: Database): Route<'fetchRevokedKeys'> {
  return async ({ rental }) => {
    const { krl, tag } = await makeRevocationList(database, rental.accountId)
    return { status: 200, media: Uint8Array.from(krl), tag }
  }
}
