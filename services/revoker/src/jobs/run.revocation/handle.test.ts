import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeSession } from '@portcullis/testkit/factory'
import { inTransaction } from '@portcullis/db/transaction'
import { countTargets, listTargets } from '@portcullis/db/queries/revocation-target'
import { beforeEach, describe, expect, it } from 'vitest'
import { draft, makeAdmin, makeRunner, makeTargets, move, read, work } from '../../testing/bulk-ground.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database
    .sql`truncate accounts, sessions, jobs, audit_events, notices, bulk_revocations, operations, fences cascade`
})

/** Living credentials by kind, of everybody. */
async function living() {
  const [row] = await store.database.sql<{ sessions: number; apiKeys: number; sshKeys: number }[]>`
    select (select count(*)::int from sessions where revoked_at is null) as sessions,
      (select count(*)::int from api_keys where revoked_at is null) as "apiKeys",
      (select count(*)::int from ssh_keys where revoked_at is null) as "sshKeys"`
  return row
}

async function countNotices(): Promise<Record<string, number>> {
  const rows = await store.database.sql<{ kind: string; count: number }[]>`
    select kind, count(*)::int as count from notices group by kind`
  return Object.fromEntries(rows.map((row) => [row.kind, row.count]))
}

describe('a bulk revocation', () => {
  it('revokes exactly what was counted, with the audit events of single revocations and one notice an account', async () => {
    const admin = await makeAdmin(store.database)
    const targets = await makeTargets(store.database, 40)
    const id = await draft(store.url, admin)
    expect((await read(store.database, id)).counts).toEqual({ accounts: 40, sessions: 80, apiKeys: 120, sshKeys: 120 })
    expect(await living()).toEqual({ sessions: 81, apiKeys: 120, sshKeys: 120 })
    await move(store.database, admin, id, 'start')
    const jobs = await work(store.database)
    expect(jobs.map((job) => job.state)).toEqual(Array.from({ length: 8 }, () => 'done'))
    expect(await living()).toEqual({ sessions: 1, apiKeys: 0, sshKeys: 0 })
    expect(await read(store.database, id)).toMatchObject({
      state: 'done',
      revoked: { sessions: 80, apiKeys: 120, sshKeys: 120 },
      done: 40,
      total: 40,
      isUndoable: true,
    })
    const events = Object.groupBy(await listAudited(store.database), (event) => event.action)
    const counts = Object.fromEntries(Object.entries(events).map(([action, list]) => [action, list?.length]))
    expect(counts).toEqual({
      revocation_drafted: 1,
      revocation_started: 1,
      sessions_revoked: 40,
      api_key_revoked: 120,
      ssh_key_revoked: 120,
      revocation_done: 1,
    })
    expect(events['sessions_revoked']?.[0]).toMatchObject({
      actor: 'admin',
      subjectKind: 'account',
      details: { revoked: 2, because: 'bulk', revocationId: id },
    })
    expect(await countNotices()).toEqual({ sessions_revoked: 40 })
    const [mails] = await store.database.sql`
      select count(*)::int as count, count(distinct payload->>'noticeId')::int as notices, max(priority)::int as priority
      from jobs where message = 'send.notice'`
    expect(mails).toEqual({ count: 40, notices: 40, priority: 20 })
    const rows = await listTargets(store.database, id, { state: 'done', after: null, limit: 100 })
    expect(rows.map((row) => row.accountId)).toEqual(targets.toSorted())
    expect(new Set(rows.map((row) => `${row.sessions} ${row.apiKeys} ${row.sshKeys}`))).toEqual(new Set(['2 3 3']))
  })

  it('withdraws keys from rented servers in the same transaction', async () => {
    const admin = await makeAdmin(store.database)
    const [target] = await makeTargets(store.database, 1)
    await store.database
      .sql`insert into rentals (id, account_id, host, token_hash) values ('srv-1', ${target!}, 'srv-1', 'x')`
    await store.database.sql`
      insert into rental_keys (rental_id, ssh_key_id, state, confirmed_at) select 'srv-1', id, 'deployed', now() from ssh_keys`
    const id = await draft(store.url, admin, { kinds: ['sshKeys'] })
    await move(store.database, admin, id, 'start')
    await work(store.database)
    const states = () => store.database.sql`select distinct state, confirmed_at is null as open from rental_keys`
    expect([...(await states())]).toEqual([{ state: 'withdrawn', open: true }])
    expect((await listAudited(store.database)).find((event) => event.action === 'ssh_key_revoked')?.details).toEqual({
      because: 'bulk',
      rentals: 1,
      revocationId: id,
    })
    expect(await countNotices()).toEqual({ keys_revoked: 1 })
    await move(store.database, admin, id, 'undo')
    await work(store.database)
    expect([...(await states())]).toEqual([{ state: 'pending', open: true }])
  })

  it('touches nobody outside its frozen targets, and nothing that was issued after its start', async () => {
    const admin = await makeAdmin(store.database)
    const [target] = await makeTargets(store.database, 1)
    const id = await draft(store.url, admin, { kinds: ['sessions'] })
    const [late] = await makeTargets(store.database, 1)
    const before = await makeSession(store.database, target!)
    await move(store.database, admin, id, 'start')
    const after = await makeSession(store.database, target!)
    await work(store.database)
    const rows = await store.database.sql<{ id: string; account_id: string }[]>`
      select id, account_id from sessions where revoked_at is null`
    expect(rows.map((row) => row.id)).toContain(after)
    expect(rows.map((row) => row.id)).not.toContain(before)
    expect(rows.filter((row) => row.account_id === late)).toHaveLength(2)
    expect(rows).toHaveLength(4)
    expect(await living()).toMatchObject({ apiKeys: 6, sshKeys: 6 })
  })

  it.each([
    [false, 1],
    [true, 0],
  ])('spares the session that drafted it, unless asked otherwise: %s', async (includeOwnSession, left) => {
    const admin = await makeAdmin(store.database)
    const other = await makeSession(store.database, admin.session.accountId)
    const id = await draft(store.url, admin, {
      selector: { everyone: true },
      includeOwnSession,
      kinds: ['sessions'],
    })
    expect((await read(store.database, id)).counts.sessions).toBe(2 - left)
    await move(store.database, admin, id, 'start')
    await work(store.database)
    const rows = await store.database.sql`select id from sessions where revoked_at is null`
    expect(rows.map((row) => row['id'])).toEqual(left === 1 ? [admin.session.id] : [])
    expect(rows.map((row) => row['id'])).not.toContain(other)
  })

  it('does each target once, though every job is delivered five times', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 60)
    const id = await draft(store.url, admin)
    await move(store.database, admin, id, 'start')
    await work(store.database, 5)
    expect(await read(store.database, id)).toMatchObject({ state: 'done', done: 60, revoked: { sessions: 120 } })
    const events = await listAudited(store.database)
    expect(events.filter((event) => event.action === 'sessions_revoked')).toHaveLength(60)
    expect(events.filter((event) => event.action === 'revocation_done')).toHaveLength(1)
  })

  it('goes on exactly where a worker was cut off in the middle of a chunk', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 30)
    const id = await draft(store.url, admin)
    await move(store.database, admin, id, 'start')
    const gone = new Error('gone')
    let chunks = 0
    // The third chunk has written all it does, and then the process dies before its commit.
    const cut = makeRunner()(
      { id, shard: 0 },
      (work) =>
        inTransaction(store.database, async (tx) => {
          const result = await work(tx)
          if ((chunks += 1) >= 1) throw gone
          return result
        }),
      AbortSignal.timeout(10_000),
    )
    await expect(cut).rejects.toBe(gone)
    expect((await read(store.database, id)).done).toBe(0)
    expect(await listAudited(store.database)).toHaveLength(2)
    await work(store.database)
    expect(await read(store.database, id)).toMatchObject({
      state: 'done',
      done: 30,
      revoked: { sessions: 60, apiKeys: 90, sshKeys: 90 },
    })
  })

  it('gives up an account that spoils its chunk, says so, and does all others', async () => {
    const admin = await makeAdmin(store.database)
    const targets = await makeTargets(store.database, 30)
    const bad = targets[7]!
    await store.database.sql.unsafe(`
      create function spoil() returns trigger language plpgsql as $$ begin
        if new.account_id = '${bad}' then raise exception 'spoiled' using errcode = 'P0001'; end if; return new; end $$;
      create trigger spoil before update on sessions for each row execute function spoil();`)
    try {
      const id = await draft(store.url, admin)
      await move(store.database, admin, id, 'start')
      await work(store.database)
      expect(await countTargets(store.database, id)).toEqual({ pending: 0, done: 29, failed: 1, undone: 0 })
      expect(await listTargets(store.database, id, { state: 'failed', after: null, limit: 10 })).toMatchObject([
        { accountId: bad, errorCode: 'p0001', sessions: 0 },
      ])
      expect(await read(store.database, id)).toMatchObject({ state: 'done', done: 30, revoked: { sessions: 58 } })
    } finally {
      await store.database.sql.unsafe('drop trigger spoil on sessions; drop function spoil()')
    }
  })

  it('rests from the answer on when it is paused or cancelled, and goes on when it is resumed', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 10)
    const id = await draft(store.url, admin)
    await move(store.database, admin, id, 'start')
    await move(store.database, admin, id, 'pause')
    expect((await work(store.database)).map((job) => job.code)).toEqual(Array.from({ length: 8 }, () => 'resting'))
    expect((await read(store.database, id)).done).toBe(0)
    await move(store.database, admin, id, 'resume')
    await work(store.database)
    expect(await read(store.database, id)).toMatchObject({ state: 'done', done: 10 })
    const other = await draft(store.url, admin)
    await move(store.database, admin, other, 'start')
    await move(store.database, admin, other, 'cancel')
    await work(store.database)
    expect(await countTargets(store.database, other)).toMatchObject({ pending: 10, done: 0 })
  })

  it('makes way while the store lags, and is put off without an attempt counted', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 3)
    const id = await draft(store.url, admin)
    await move(store.database, admin, id, 'start')
    const jobs = await work(store.database, 1, async () => 'security_jobs_late')
    expect(jobs.map(({ state, attempts }) => ({ state, attempts }))).toEqual(
      Array.from({ length: 8 }, () => ({ state: 'pending', attempts: 0 })),
    )
    expect((await read(store.database, id)).done).toBe(0)
  })

  it('keeps under its cap, all shards together', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 25)
    const id = await draft(store.url, admin, { ratePerSecond: 100 })
    await move(store.database, admin, id, 'start')
    const began = performance.now()
    await work(store.database)
    // 200 credentials: the first of each shard go at once, and the wait after the last is over before its commit counts.
    expect(performance.now() - began).toBeGreaterThan(1000)
    expect(await read(store.database, id)).toMatchObject({ state: 'done', done: 25 })
  })
})

describe('the fence', () => {
  it('is raised by the start: everything of everyone is void but the session that is spared', async () => {
    const admin = await makeAdmin(store.database)
    await makeTargets(store.database, 3)
    const id = await draft(store.url, admin, { selector: { everyone: true }, fence: true })
    await move(store.database, admin, id, 'start')
    const alive = () => store.database.sql<{ id: string }[]>`
      select id from sessions where revoked_at is null and global_epoch >= (select epoch from fences)`
    expect((await alive()).map((row) => row.id)).toEqual([admin.session.id])
    await expect(move(store.database, admin, id, 'cancel')).rejects.toMatchObject({ code: 'out_of_order' })
    await work(store.database)
    expect(await read(store.database, id)).toMatchObject({
      state: 'done',
      revoked: { sessions: 6, apiKeys: 9, sshKeys: 9 },
    })
    await move(store.database, admin, id, 'undo')
    await work(store.database)
    expect(await read(store.database, id)).toMatchObject({
      state: 'undone',
      restored: { sessions: 6, apiKeys: 9, sshKeys: 9 },
    })
    expect(await alive()).toHaveLength(7)
  })
})
