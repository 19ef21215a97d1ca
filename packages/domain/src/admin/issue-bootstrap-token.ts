import type { Database } from '@portcullis/db/connect'
import { hasAdmin, lockBootstrap, replaceBootstrapToken } from '@portcullis/db/queries/bootstrap-token'
import { inTransaction } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { newUuid } from '@portcullis/runtime/id'
import { randomToken } from '@portcullis/runtime/random'
import { recordFacts } from '../audit/record.ts'
import { parseEmail } from '../email/address.ts'

/** How long the token of a first admin is good for. */
const bootstrapValidSeconds = 3600

/** What became of the wish for a first admin. */
export type IssuedBootstrap =
  /** `token`: shown once; only its SHA-256 is stored. */
  | { readonly kind: 'issued'; readonly token: string; readonly expiresAt: Date }
  | { readonly kind: 'admin_exists' }
  | { readonly kind: 'email_refused'; readonly detail: string }

/**
 * Makes the one-time token with which the owner of an address becomes an admin (`useBootstrapToken`). Only while there is no
 * admin, unless forced, which is recorded; a token that was not used is void from then on. The address need have no account
 * yet. Not for callers of the HTTP surface: whoever can run the command line has the store as well.
 */
export async function issueBootstrapToken(
  database: Database,
  wish: { readonly email: string; readonly force?: boolean },
): Promise<IssuedBootstrap> {
  const email = parseEmail(wish.email)
  if (!email.ok) return { kind: 'email_refused', detail: email.detail }
  const [id, token] = [newUuid(), randomToken(32)]
  return inTransaction(database, async (tx): Promise<IssuedBootstrap> => {
    await lockBootstrap(tx)
    const forced = await hasAdmin(tx)
    if (forced && wish.force !== true) return { kind: 'admin_exists' }
    const row = { id, emailKey: email.key, tokenHash: sha256(token) }
    const expiresAt = await replaceBootstrapToken(tx, row, bootstrapValidSeconds)
    await recordFacts(tx, [
      {
        action: 'admin_bootstrap_issued',
        accountId: null,
        actor: 'system',
        subject: { kind: 'bootstrap_token', id },
        details: { forced },
      },
    ])
    return { kind: 'issued', token, expiresAt }
  })
}
