import type { Database } from '@portcullis/db/connect'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { userAgent } from '../request.ts'

/** Makes so many accounts with one session each, and gives the tokens. */
export async function makeSessions(database: Database, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => newSessionToken())
  await database.sql`
    with owner as (
      select * from unnest(
        ${made.map(() => newId('account'))}::uuid[], ${made.map(() => newId('session'))}::uuid[],
        ${made.map(({ hash }) => hash.toString('hex'))}::text[]
      ) as new (account_id, session_id, hash)
    ), account as (
      insert into accounts (id, email, email_key, name, password_changed_at)
      select account_id, account_id || '@example.com', account_id || '@example.com', 'Ada Owner', now() from owner
    )
    insert into sessions (id, account_id, token_hash, epoch, user_agent, ip, country, expires_at)
    select session_id, account_id, decode(hash, 'hex'), 1, ${userAgent}, '203.0.113.7', 'DE', now() + interval '30 days'
    from owner`
  await database.sql`analyze`
  return made.map(({ token }) => token)
}
