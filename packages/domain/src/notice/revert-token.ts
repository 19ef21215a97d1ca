import type { Id } from '@portcullis/contracts/ids'
import { listRevertTokensForUpdate, updateRevertHash } from '@portcullis/db/queries/email-change-token'
import type { Tx } from '@portcullis/db/transaction'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'

/** Makes the tokens that take changes of address back, and stores their hashes. One that is past that is missing. */
export async function makeRevertTokens(
  tx: Tx,
  ids: readonly Id<'emailChange'>[],
  keys: TokenKeys,
): Promise<Map<Id<'emailChange'>, string>> {
  const tokens = new Map<Id<'emailChange'>, string>()
  for (const row of (await listRevertTokensForUpdate(tx, ids)).values()) {
    const made = tokenOfRow(keys, 'email-reversion', row)
    if (row.tokenHash === null) await updateRevertHash(tx, row.id, made.hash)
    tokens.set(row.id, made.token)
  }
  return tokens
}
