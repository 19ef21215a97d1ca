import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '@portcullis/db/connect'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { sha256 } from '@portcullis/runtime/digest'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomToken } from '@portcullis/runtime/random'
import { type MadeAccount, makeAccount } from '@portcullis/testkit/factory'

/** The password of every owner that is made here. */
export const ownerPassword = 'Correct-Horse-7-Battery'

/** As cheap as a test gateway's own, so that a login does not make a new one. */
const hasher = createPasswordHasher({ memoryKib: 64, passes: 1, atOnceMost: 1, queueMost: 1 })
let hashed: Promise<string> | undefined

/** An account with a session. */
export interface MadeOwner extends MadeAccount {
  readonly token: string
  readonly sessionId: Id<'session'>
}

/** Makes an account that opens with `ownerPassword`, and no session. */
export async function makeAccountWithPassword(queries: Queries): Promise<MadeAccount> {
  hashed ??= hasher.hash(ownerPassword)
  return makeAccount(queries, { passwordHash: await hashed })
}

/** Makes an account that opens with `ownerPassword`, and a session of it that was proved just now. */
export async function makeOwner(queries: Queries): Promise<MadeOwner> {
  const account = await makeAccountWithPassword(queries)
  return { ...account, ...(await makeOwnSession(queries, account.id)) }
}

/** Makes a session of an account, proved just now. */
export async function makeOwnSession(
  queries: Queries,
  accountId: Id<'account'>,
): Promise<{ readonly token: string; readonly sessionId: Id<'session'> }> {
  const sessionId = newId('session')
  const { token, hash } = newSessionToken()
  await queries.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at)
    select ${sessionId}, id, ${hash}, security_epoch, now() + interval '30 days' from accounts where id = ${accountId}`
  return { token, sessionId }
}

/**
 * Makes browsers that have logged in to an account before, each with a counter of failures of its own, so that many
 * logins at once are all verified. Returns the cookie of each.
 */
export async function makeKnownDevices(queries: Queries, accountId: Id<'account'>, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => `pcd_${randomToken(32)}`)
  for (const token of tokens) {
    await queries.sql`
      insert into known_devices (id, account_id, token_hash) values (${newUuid()}, ${accountId}, ${sha256(token)})`
  }
  return tokens.map((token) => `__Host-portcullis-device=${token}`)
}

/** Makes challenges of logins whose password was right. Returns the token of each. */
export async function makeChallenges(queries: Queries, accountId: Id<'account'>, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => `pch_${randomToken(32)}`)
  for (const token of tokens) {
    await queries.sql`
      insert into login_challenges (id, account_id, token_hash, epoch, cookie, expires_at)
      select ${newUuid()}, id, ${sha256(token)}, security_epoch, false, now() + interval '5 minutes'
      from accounts where id = ${accountId}`
  }
  return tokens
}
