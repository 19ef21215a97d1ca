import { formatId, type Id } from '@portcullis/contracts/ids'
import { connectDatabase } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { makeAccount } from '@portcullis/testkit/factory'
import { newId } from '@portcullis/runtime/id'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'

/** 20,000 accounts, 60,000 sessions, 20,000 API keys and 20,000 SSH keys. */
const accountCount = 20_000
const network = '203.0.113.0/24'

let house: House
beforeAll(async () => {
  house = await openHouse({
    services: ['gateway', 'relay', 'revoker'],
    env: { REVOKER_LEASE_SECONDS: '1', REVOKER_ROUND_TRIP_MS: '1000', REVOKER_SECURITY_JOB_SECONDS: '600' },
  })
  await seed(house)
}, 180_000)
afterAll(async () => {
  await house?.close()
})

/** Seeded: the same people at every run. Sessions over five networks, one of them the wanted; half of them from before Monday. */
async function seed({ databaseUrl }: House): Promise<void> {
  const patient = { statementTimeoutMs: 120_000, deadlineMs: 120_000, poolSize: 1, planner: 'free' as const }
  const database = connectDatabase({ url: databaseUrl, name: 'seed', ...patient })
  await inTransaction(database, async ({ sql }) => {
    // Each foreign key would be looked up once more; they are right by the way they are made.
    await sql`set local session_replication_role = replica`
    await sql`
      insert into accounts (id, email, email_key, name, password_changed_at, created_at)
      select md5('account' || n)::uuid, 'user' || n || '@' || domain, 'user' || n || '@' || domain, 'User ' || n,
        now() - n % 700 * interval '1 day', now() - interval '800 days'
      from (
        select n, (array['example.com', 'shop.example', 'mail.example', 'uni.example'])[1 + n % 4] as domain
        from generate_series(1, ${accountCount}::int) as n
      ) as person`
    await sql`
      insert into sessions (id, account_id, token_hash, epoch, ip, country, user_agent, created_at, last_seen_at, expires_at)
      select md5('session' || n || ' ' || m)::uuid, md5('account' || n)::uuid, sha256(('token' || n || ' ' || m)::bytea), 1,
        ((array['203.0.113.', '198.51.100.', '192.0.2.', '203.0.112.', '100.64.7.'])[1 + (n * 7 + m) % 5] || n % 250)::inet,
        (array['DE', 'AT', 'FR'])[1 + n % 3], 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        now() - interval '12 days', now() - ((n + m) % 10) * interval '1 day' - interval '1 hour', now() + interval '18 days'
      from generate_series(1, ${accountCount}::int) as n, generate_series(1, 3) as m`
    await sql`
      insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch, created_at)
      select md5('key' || n)::uuid, md5('account' || n)::uuid, 1, 'Nightly', 'pck_live', 'abcd', sha256(('key' || n)::bytea),
        array['account:read'], 1, now() - interval '12 days'
      from generate_series(1, ${accountCount}::int) as n`
    await sql`
      insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch, created_at)
      select md5('ssh' || n)::uuid, md5('account' || n)::uuid, 1, 'Laptop', 'ssh-ed25519', 'ssh-ed25519 AAAA' || n,
        sha256(('ssh' || n)::bytea), 1, now() - interval '12 days'
      from generate_series(1, ${accountCount}::int) as n`
  })
  for (const table of ['accounts', 'sessions', 'api_keys', 'ssh_keys']) await database.sql.unsafe(`analyze ${table}`)
  await database.close()
}

/** An admin in a session with a second factor, proved just now. */
async function makeAdmin(name: string): Promise<{ readonly id: Id<'account'>; readonly token: string }> {
  const { database } = house
  const { id } = await makeAccount(database, { email: `${name}@staff.example` })
  await database.sql`update accounts set role = 'admin' where id = ${id}`
  const { token, hash } = newSessionToken()
  await database.sql`
    insert into sessions (id, account_id, token_hash, epoch, second_factor, expires_at)
    values (${newId('session')}, ${id}, ${hash}, 1, true, now() + interval '1 day')`
  return { id, token }
}

const kinds = ['sessions', 'apiKeys', 'sshKeys'] as const

/** All credentials by account as the store has them: a picture to compare with. */
async function picture(): Promise<Map<string, string>> {
  const rows = await house.database.sql<{ id: string; living: string }[]>`
    select account_id as id, string_agg(one.id::text, ' ' order by one.id) as living from (
      select id, account_id from sessions where revoked_at is null
      union all select id, account_id from api_keys where revoked_at is null
      union all select id, account_id from ssh_keys where revoked_at is null
    ) as one group by account_id`
  return new Map(rows.map((row) => [row.id, row.living]))
}

/** Whom the words mean, said here once more and in another way. */
async function expectedTargets(monday: Date): Promise<string[]> {
  const rows = await house.database.sql<{ id: string }[]>`
    select distinct account_id as id from sessions
    where host(ip) like '203.0.113.%' and last_seen_at >= ${monday} and revoked_at is null order by 1`
  return rows.map((row) => row.id)
}

async function countOf(sql: string): Promise<number> {
  const [row] = await house.database.sql.unsafe<{ count: number }[]>(`select count(*)::int as count ${sql}`)
  return row?.count ?? -1
}

describe('everyone of a network since Monday', () => {
  it('is counted, approved by a second admin, worked off through three deaths and a pause, and undone precisely', async () => {
    const [drafter, approver] = [await makeAdmin('drafter'), await makeAdmin('approver')]
    const [first, second] = [house.client(drafter.token), house.client(approver.token)]
    const monday = new Date(Date.now() - 5.5 * 86_400_000)
    const targets = await expectedTargets(monday)
    const before = await picture()

    const selector = { network, lastSeenAt: { after: monday.toISOString() } }
    const draft = await first.draftRevocation({
      body: { selector, kinds: [...kinds], reason: 'Incident 4711: a network of phished people', ratePerSecond: 8000 },
    })
    const { id, counts, needsApproval, sample } = draft.body
    expect(counts).toEqual({
      accounts: targets.length,
      sessions: 3 * targets.length,
      apiKeys: targets.length,
      sshKeys: targets.length,
    })
    expect([targets.length > 5000, needsApproval, sample.length]).toEqual([true, true, 20])
    const params = { params: { id } }
    await expect(first.approveRevocation(params)).rejects.toMatchObject({ status: 403 })
    expect((await second.approveRevocation(params)).body.state).toBe('approved')

    await first.startRevocation(params)
    const doneBy = (share: number) =>
      until(`${share} of the targets are done`, async () => {
        const { progress } = (await first.getRevocation(params)).body
        return progress.done >= share * progress.total && progress.done
      })
    for (const share of [0.1, 0.3]) await killAfter(await doneBy(share))
    await doneBy(0.5)
    const paused = await first.pauseRevocation(params)
    expect(paused.body.state).toBe('paused')
    const still = await countOf(`from revocation_targets where state = 'done'`)
    expect(still).toBe(paused.body.progress.done)
    await killAfter(still)
    // The new worker takes up nothing: it is paused.
    await until(
      'the worker is back',
      async () => (await fetch(`${house.metrics('revoker')}/readyz`).catch(() => undefined))?.ok,
    )
    expect(await countOf(`from revocation_targets where state = 'done'`)).toBe(still)
    await first.resumeRevocation(params)
    await until('it is done', async () => (await first.getRevocation(params)).body.state === 'done', 60_000)

    const over = (await first.getRevocation(params)).body
    expect(over).toMatchObject({
      revoked: { sessions: counts.sessions, apiKeys: counts.apiKeys, sshKeys: counts.sshKeys },
      progress: { done: targets.length, total: targets.length },
    })
    const named = new Set(targets)
    const after = await picture()
    for (const [accountId, living] of before) {
      expect(after.get(accountId), accountId).toBe(named.has(accountId) ? undefined : living)
    }
    expect(await countOf(`from audit_events where action = 'sessions_revoked'`)).toBe(targets.length)
    expect(await countOf(`from audit_events where action = 'api_key_revoked'`)).toBe(targets.length)
    expect(await countOf(`from notices where kind = 'sessions_revoked'`)).toBe(targets.length)
    expect(await countOf(`from jobs where message = 'send.notice'`)).toBe(targets.length)
    const report = (await second.getRevocationReport({ ...params, query: {} })).body
    expect(report.targets).toEqual({ pending: 0, done: targets.length, failed: 0, undone: 0 })

    // Since then: a password is new, an account is locked, a key takes a slot. Those three get back less.
    const [renewed = '', locked = '', ...others] = targets
    await house.database.sql`update accounts set password_changed_at = now() where id = ${renewed}`
    await house.database
      .sql`update accounts set state = 'locked', security_epoch = security_epoch + 1 where id = ${locked}`
    await first.undoRevocation(params)
    await until('it is undone', async () => (await first.getRevocation(params)).body.state === 'undone', 60_000)
    const restored = await picture()
    for (const accountId of others) expect(restored.get(accountId), accountId).toBe(before.get(accountId))
    expect(restored.get(locked)).toBeUndefined()
    expect(restored.get(renewed)?.split(' ')).toHaveLength(2)
    expect((await first.getRevocation(params)).body.restored).toEqual({
      sessions: counts.sessions - 6,
      apiKeys: counts.apiKeys - 1,
      sshKeys: counts.sshKeys - 1,
    })
    const asked = await second.listRevocationTargets({ ...params, query: { state: 'undone', limit: '1' } })
    expect(asked.body.items[0]?.accountId).toBe(formatId('account', targets[0] as Id<'account'>))
  }, 240_000)
})

/** Kills the worker as it is: in the middle of whatever it does. Its supervisor starts another. */
async function killAfter(done: number): Promise<void> {
  const revoker = house.service('revoker')
  const pid = revoker.pid()
  expect(done).toBeGreaterThan(0)
  expect(revoker.kill('SIGKILL')).toBe(true)
  await until('another worker is there', async () => revoker.pid() !== pid)
}
