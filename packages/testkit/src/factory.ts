import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '@portcullis/db/connect'
import type { Caller } from '@portcullis/domain/caller'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf, randomToken } from '@portcullis/runtime/random'
import { newTraceparent } from '@portcullis/runtime/tracing'

/** An account as a test made it. */
export interface MadeAccount {
  readonly id: Id<'account'>
  readonly email: string
  readonly emailKey: string
  readonly name: string
}

/** Makes an active account with an address of its own. Its password hash opens for nobody unless given. */
export async function makeAccount(
  queries: Queries,
  given: { readonly email?: string; readonly name?: string; readonly passwordHash?: string } = {},
): Promise<MadeAccount> {
  const id = newId('account')
  const email = given.email ?? `owner-${id.slice(-12)}@example.com`
  const emailKey = email.toLowerCase()
  const name = given.name ?? 'Ada Owner'
  await queries.sql`
    insert into accounts (id, email, email_key, name, password_hash, password_changed_at)
    values (${id}, ${email}, ${emailKey}, ${name}, ${given.passwordHash ?? null}, now() - interval '1 day')`
  return { id, email, emailKey, name }
}

/** Makes an active session of an account, issued under its present epoch. */
export async function makeSession(queries: Queries, accountId: Id<'account'>): Promise<Id<'session'>> {
  const id = newId('session')
  await queries.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at)
    select ${id}, id, ${randomBytesOf(32)}, security_epoch, now() + interval '30 days' from accounts where id = ${accountId}`
  return id
}

/** A caller from a public address, with a browser. */
export function makeCaller(given: Partial<Caller> = {}): Caller {
  return {
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    requestId: `req-${randomToken(16)}`,
    traceparent: newTraceparent(),
    ...given,
  }
}
