import type { Database } from '@portcullis/db/connect'
import { makeIdFunction } from './fill-id.ts'

/** How many sessions an account has: as many as it may. */
export const sessionsEach = 50
const chunkRows = 500_000

/**
 * Fills a store with so many living sessions, 50 an account, in few statements. The sessions of one account lie as far apart
 * as those of a real one, which were made in the course of weeks: reading them reads 50 pages.
 */
export async function fillSessions(
  database: Database,
  sessionCount: number,
  passwordHash: string,
  /** Each so many-th session was idle for too long. 0: none. */
  idleEvery = 0,
): Promise<void> {
  const accounts = sessionCount / sessionsEach
  const { sql } = database
  // The default limit is for calls that somebody waits for.
  await sql`set statement_timeout = 0`
  await makeIdFunction(database)
  await sql`
    insert into accounts (id, email, email_key, name, password_hash, password_changed_at)
    select bench_id('account', n), n || '@example.com', n || '@example.com', 'Ada Owner', ${passwordHash}, now() - interval '60 days'
    from generate_series(0, ${accounts - 1}::int) as n`
  // Each foreign key would be looked up once more; they are right by the way they are made.
  await sql`set session_replication_role = replica`
  for (let from = 0; from < sessionCount; from += chunkRows) {
    const to = Math.min(from + chunkRows, sessionCount) - 1
    await sql`
      insert into sessions (id, account_id, token_hash, epoch, user_agent, country, created_at, last_seen_at, proved_at, expires_at)
      select bench_id('session', n), bench_id('account', n % ${accounts}::int), sha256(('token' || n)::bytea), 1,
        'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'DE', moment, moment - case when idle then interval '20 days' else interval '0' end, moment, moment + interval '30 days'
      from (
        select n, ${idleEvery}::int > 0 and (n + n / ${accounts}::int) % greatest(${idleEvery}::int, 1) = 0 as idle,
          now() - (${sessionCount}::int - n) * (interval '10 days' / ${sessionCount}::int) as moment
        from generate_series(${from}::int, ${to}::int) as n
      ) as made`
  }
  await sql`reset session_replication_role`
  await sql`vacuum (analyze) sessions`
  await sql`vacuum (analyze) accounts`
  await sql`checkpoint`
}
