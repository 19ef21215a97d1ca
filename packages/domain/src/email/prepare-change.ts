import type { Id } from '@portcullis/contracts/ids'
import { type ChangeForMail, findChangeForMail, updateConfirmHash } from '@portcullis/db/queries/email-change-token'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'
import { changeFact } from './change-fact.ts'

/** Whom a mail goes to. */
interface Recipient {
  readonly accountId: Id<'account'>
  readonly email: string
  readonly name: string
  /** The owner's, see `readLanguage`. */
  readonly language: string
}

/** What is to be mailed because of a request. A token stays in memory. */
export type PreparedEmailChange =
  | ({ readonly kind: 'confirm'; readonly token: string } & Recipient)
  /** The address has an account already: its owner is told that somebody tried. */
  | ({ readonly kind: 'taken' } & Recipient)
  | { readonly kind: 'none'; readonly why: 'gone' | 'over' }

/** Decides what the new address is mailed; the same again when repeated after a crash. Stores only the token's hash. */
export async function prepareEmailChange(tx: Tx, id: Id<'emailChange'>, keys: TokenKeys): Promise<PreparedEmailChange> {
  const found = await findChangeForMail(tx, id)
  if (!found) return { kind: 'none', why: 'gone' }
  if (!found.open) return { kind: 'none', why: 'over' }
  const owner = ownerOf(found)
  if (owner) return { kind: 'taken', ...owner }
  const { accountId, newEmail: email, name, language, salt, tokenHash } = found
  const { token, hash } = tokenOfRow(keys, 'email-change', { id, salt, tokenHash })
  if (tokenHash === null) {
    await updateConfirmHash(tx, id, hash)
    const details = { purpose: 'email-change' }
    await recordFacts(tx, [changeFact('authn_token_created', { id, accountId }, { actor: 'system' }, details)])
  }
  return { kind: 'confirm', accountId, email, name, language, token }
}

function ownerOf({ takenBy, takenEmail, takenName, takenLanguage }: ChangeForMail): Recipient | undefined {
  if (takenBy === null || takenEmail === null || takenName === null || takenLanguage === null) return undefined
  return { accountId: takenBy, email: takenEmail, name: takenName, language: takenLanguage }
}
