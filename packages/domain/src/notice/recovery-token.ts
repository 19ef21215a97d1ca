import type { Id } from '@portcullis/contracts/ids'
import {
  listRecoveryTokensForUpdate,
  type RecoveryHash,
  updateRecoveryHashes,
} from '@portcullis/db/queries/notice-mail'
import type { Tx } from '@portcullis/db/transaction'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'

/**
 * Makes the tokens that lead back into locked accounts, and stores the hash of each that has none: the same one for every
 * mail until it is used. A lockdown that is recovered from is missing.
 */
export async function makeRecoveryTokens(
  tx: Tx,
  ids: readonly Id<'lockdown'>[],
  keys: TokenKeys,
): Promise<Map<Id<'lockdown'>, string>> {
  const rows = await listRecoveryTokensForUpdate(tx, ids)
  const tokens = new Map<Id<'lockdown'>, string>()
  const fresh: RecoveryHash[] = []
  for (const [id, { recoverySalt, recoveryHash }] of rows) {
    const made = tokenOfRow(keys, 'lockdown-recovery', { id, salt: recoverySalt, tokenHash: recoveryHash })
    if (recoveryHash === null) fresh.push({ id, hash: made.hash })
    tokens.set(id, made.token)
  }
  await updateRecoveryHashes(tx, fresh)
  return tokens
}
