import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { createLockdownRunner, type LockdownProgress } from '@portcullis/domain/lockdown/run'
import { makeRecoveryTokens } from '@portcullis/domain/notice/recovery-token'
import { makeMailedToken } from '@portcullis/domain/token/mailed-token'
import { hyphenated } from './hyphenated.ts'

const tokenKey = new Uint8Array(32).fill(3)

/** Does what the lockdown service would: every step that needs no other service. */
export function runLockdown(database: Database, publicId: string): Promise<LockdownProgress> {
  const run = createLockdownRunner({ database, failpoint: () => {}, onStepFailed: (error) => String(error) })
  return run(lockdownId(publicId))
}

/** The token of the mail that leads back into a locked account, as the notifier would make it. */
export async function recoveryTokenOf(database: Database, publicId: string): Promise<string> {
  const id = lockdownId(publicId)
  const tokens = await inTransaction(database, (tx) => makeRecoveryTokens(tx, [id], { tokenKey }))
  const token = tokens.get(id)
  if (token === undefined) throw new Error('this lockdown has no way back')
  return token
}

/** A "this wasn't me" link of a notice, as the notifier would mail it: its token. */
export async function makeLink(database: Database, accountId: Id<'account'>): Promise<string> {
  const [row] = await database.sql<{ id: string; salt: Uint8Array }[]>`
    insert into notices (id, account_id, kind, link_salt, mailed_at)
    values (uuidv7(), ${accountId}, 'new_device', '\\x01020304', now()) returning id, link_salt as salt`
  if (!row) throw new Error('no notice')
  const { token, hash } = makeMailedToken(tokenKey, 'lockdown-link', row.id, row.salt)
  await database.sql`
    update notices set link_hash = ${hash}, link_expires_at = now() + interval '7 days' where id = ${row.id}`
  return token
}

/** The plain id behind the public one. */
export function lockdownId(publicId: string): Id<'lockdown'> {
  // Guarantee: a public id of a lockdown is its prefix and the digits of the id.
  return hyphenated(publicId) as Id<'lockdown'>
}
