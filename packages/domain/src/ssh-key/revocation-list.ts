import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { listRevokedSshKeys } from '@portcullis/db/queries/ssh-key'
import { withStore } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { buildKrl } from './krl.ts'

/** A revocation list, and what tells it from any other. */
export interface RevocationList {
  /** OpenSSH KRL, for `RevokedKeys`. */
  readonly krl: Buffer
  /** SHA-256 of it, as base64url: the same list, the same tag. */
  readonly tag: string
}

/**
 * Makes the revocation list of one account: every key that it had and that must open nothing now. The same state gives
 * the same bytes. Only the account's own keys: public keys are public, and whoever added and revoked somebody else's key
 * would otherwise lock that person out everywhere.
 */
export async function makeRevocationList(database: Database, accountId: Id<'account'>): Promise<RevocationList> {
  const revoked = await withStore(database, (queries) => listRevokedSshKeys(queries, accountId))
  const krl = buildKrl({
    version: BigInt(revoked.version),
    generatedAt: revoked.changedAt ?? epochStart,
    comment: 'portcullis',
    keys: [],
    fingerprints: revoked.fingerprints.map((bytes) => Buffer.from(bytes)),
  })
  return { krl, tag: sha256(krl).toString('base64url') }
}

/** An account without a key has a list that never changed. */
const epochStart = new Date(0)
