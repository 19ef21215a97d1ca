import { formatId, type Id } from '@portcullis/contracts/ids'
import type { Queries } from '@portcullis/db/connect'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { reportLeaks } from '@portcullis/domain/leak/report'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeCaller, makeSession } from '@portcullis/testkit/factory'
import { newId } from '@portcullis/runtime/id'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AskingStaff } from '@portcullis/domain/admin/staff'
import { draft, makeAdmin, makeTargets, move, read, work } from './testing/bulk-ground.ts'

const store = useDatabase()
let admin: AskingStaff
let target: Id<'account'>
let bystander: Id<'account'>
let id: Id<'revocation'>
beforeEach(async () => {
  await store.database
    .sql`truncate accounts, sessions, jobs, audit_events, notices, bulk_revocations, operations, fences cascade`
  admin = await makeAdmin(store.database)
  const made = await makeTargets(store.database, 2)
  ;[target, bystander] = [made[0]!, made[1]!]
  id = await draft(store.url, admin)
  await move(store.database, admin, id, 'start')
  await work(store.database)
})

async function undo() {
  await move(store.database, admin, id, 'undo')
  await work(store.database)
  const row = await read(store.database, id)
  expect(row).toMatchObject({ state: 'undone', done: 2, total: 2 })
  return row.restored
}

/** Living credentials of an account: sessions, API keys, SSH keys. */
async function livingOf(accountId: Id<'account'>, { sql }: Queries = store.database): Promise<number[]> {
  const [row] = await sql<{ found: number[] }[]>`
    select array[(select count(*)::int from sessions where account_id = ${accountId} and revoked_at is null),
      (select count(*)::int from api_keys where account_id = ${accountId} and revoked_at is null),
      (select count(*)::int from ssh_keys where account_id = ${accountId} and revoked_at is null)] as found`
  return row?.found ?? []
}

const all = { sessions: 4, apiKeys: 6, sshKeys: 6 }
/** What the other account gets back, whatever befell the first. */
const half = { sessions: 2, apiKeys: 3, sshKeys: 3 }

describe('undoing a bulk revocation', () => {
  it('brings back all that it has revoked, with audit events and one notice an account', async () => {
    expect(await undo()).toEqual(all)
    expect([await livingOf(target), await livingOf(bystander)]).toEqual([
      [2, 3, 3],
      [2, 3, 3],
    ])
    const actions = (await listAudited(store.database)).map((event) => event.action)
    const count = (action: string) => actions.filter((one) => one === action).length
    expect(['sessions_restored', 'api_key_restored', 'ssh_key_restored', 'revocation_undone'].map(count)).toEqual([
      2, 6, 6, 1,
    ])
    const [row] = await store.database.sql`select count(*)::int as count from notices where kind = 'access_restored'`
    expect(row?.['count']).toBe(2)
    const marks = await store.database.sql`
      select distinct revoked_by, revoked_because from sessions union select distinct revoked_by, revoked_because from api_keys
      union select distinct revoked_by, revoked_because from ssh_keys`
    expect([...marks]).toEqual([{ revoked_by: null, revoked_because: null }])
  })

  it('does not bring back a key that was found in public since', async () => {
    const { key, hash } = newApiKey('live')
    const [row] = await store.database.sql<{ id: string }[]>`
      update api_keys set key_hash = ${hash}
      where id = (select id from api_keys where account_id = ${target} order by id limit 1) returning id`
    const reporter = { actor: 'anonymous', by: 'github', caller: makeCaller() } as const
    expect(await reportLeaks(store.database, 'report', [{ token: key }], reporter)).toEqual(['true_positive'])
    expect(await undo()).toEqual({ ...all, apiKeys: 5 })
    expect(await livingOf(target)).toEqual([2, 2, 3])
    const facts = await listAudited(store.database, row?.id)
    expect(facts.map((fact) => fact.action)).toContain('api_key_leaked')
  })

  it.each([
    ['has run out', `update sessions set expires_at = now()`, [0, 3, 3]],
    ['was idle for too long', `update sessions set last_seen_at = now() - interval '15 days'`, [0, 3, 3]],
    ['has expired, as a key', `update api_keys set expires_at = now()`, [2, 0, 3]],
  ])('does not bring back what %s meanwhile', async (_what, sql, left) => {
    await store.database.sql.unsafe(`${sql} where account_id = '${target}'`)
    await undo()
    expect(await livingOf(target)).toEqual(left)
    expect(await livingOf(bystander)).toEqual([2, 3, 3])
  })

  it.each([
    ['is locked', `update accounts set state = 'locked'`, half],
    ['was fenced since', `update accounts set security_epoch = security_epoch + 1`, half],
  ])('leaves an account alone that %s', async (_what, sql, restored) => {
    await store.database.sql.unsafe(`${sql} where id = '${target}'`)
    expect(await undo()).toEqual(restored)
    expect(await livingOf(target)).toEqual([0, 0, 0])
  })

  it.each([
    ['a new password was set', `update accounts set password_changed_at = clock_timestamp()`, `where id = $`],
    [
      'somebody ended all sessions of the account once more',
      `insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
       select uuidv7(), 'sessions_revoked', id, 'account', 'account', id, '{"because":"owner"}' from accounts`,
      `where id = $`,
    ],
  ])('leaves sessions ended, and brings back keys, where %s', async (_what, sql, where) => {
    await store.database.sql.unsafe(`${sql} ${where.replace('$', `'${target}'`)}`)
    expect(await undo()).toEqual({ sessions: 2, apiKeys: 6, sshKeys: 6 })
    expect(await livingOf(target)).toEqual([0, 3, 3])
  })

  it('leaves alone what another bulk revocation was about, too, and takes back what that one has ended only with it', async () => {
    await makeSession(store.database, target)
    const second = await draft(store.url, admin, {
      selector: { accountIds: [formatId('account', target)] },
      kinds: ['sessions'],
    })
    await move(store.database, admin, second, 'start')
    await work(store.database)
    expect(await undo()).toEqual({ sessions: 2, apiKeys: 6, sshKeys: 6 })
    expect(await livingOf(target)).toEqual([0, 3, 3])
    await move(store.database, admin, second, 'undo')
    await work(store.database)
    expect(await livingOf(target)).toEqual([1, 3, 3])
  })

  it('never makes more than three keys of a kind: only what finds a free slot comes back, whichever that is', async () => {
    await store.database.sql`
      insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
      select ${newId('apiKey')}, id, 2, 'new', 'pck_live', 'abcd', sha256('new'), '{account:read}', security_epoch
      from accounts where id = ${target}`
    await store.database.sql`
      insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch)
      select ${newId('sshKey')}, account_id, 3, 'anew', type, canonical, fingerprint, epoch from ssh_keys
      where account_id = ${target} and slot = 1`
    expect(await undo()).toEqual({ sessions: 4, apiKeys: 5, sshKeys: 5 })
    expect(await livingOf(target)).toEqual([2, 3, 3])
    const slots = await store.database.sql`
      select array_agg(slot order by slot) as slots, count(distinct fingerprint)::int as prints from ssh_keys
      where account_id = ${target} and revoked_at is null`
    expect([...slots]).toEqual([{ slots: [1, 2, 3], prints: 3 }])
  })

  it('never makes more than fifty sessions: the most recently used come back first', async () => {
    for (let n = 0; n < 49; n += 1) await makeSession(store.database, target)
    await store.database.sql`
      update sessions set last_seen_at = now() - interval '1 hour'
      where id = (select min(id::text)::uuid from sessions where account_id = ${target} and revoked_by = ${id})`
    expect(await undo()).toEqual({ sessions: 3, apiKeys: 6, sshKeys: 6 })
    const [row] = await store.database.sql`
      select last_seen_at < now() - interval '30 minutes' as older from sessions where revoked_by = ${id}`
    expect(row?.['older']).toBe(true)
  })

  it('brings nothing back under a fence that another has raised since', async () => {
    await store.database.sql`insert into fences (id, epoch) values (1, 2)`
    await store.database.sql`update sessions set global_epoch = 2 where id = ${admin.session.id}`
    expect(await undo()).toEqual({ sessions: 0, apiKeys: 0, sshKeys: 0 })
  })

  it('is refused after 24 hours', async () => {
    await store.database.sql`update bulk_revocations set undo_until = now()`
    await expect(move(store.database, admin, id, 'undo')).rejects.toMatchObject({ code: 'out_of_order' })
  })
})
