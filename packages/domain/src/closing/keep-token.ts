import type { Id } from '@portcullis/contracts/ids'
import { listKeepTokensForUpdate, updateKeepHash } from '@portcullis/db/queries/account-closing'
import type { Tx } from '@portcullis/db/transaction'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'

/** Makes the tokens that keep accounts, and stores their hashes. A closing that is not pending any more is missing. */
export async function makeKeepTokens(
  tx: Tx,
  ids: readonly Id<'accountClosing'>[],
  keys: TokenKeys,
): Promise<Map<Id<'accountClosing'>, string>> {
  const tokens = new Map<Id<'accountClosing'>, string>()
  for (const row of await listKeepTokensForUpdate(tx, ids)) {
    const made = tokenOfRow(keys, 'account-keeping', row)
    if (row.tokenHash === null) await updateKeepHash(tx, row.id, made.hash)
    tokens.set(row.id, made.token)
  }
  return tokens
}
