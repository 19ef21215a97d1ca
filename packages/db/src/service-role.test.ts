import { randomUUID } from 'node:crypto'
import { asId } from '@portcullis/contracts/ids'
import { makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectDatabase, type Database } from './connect.ts'
import { openServiceRole, serviceRole } from './service-role.ts'

const store = useDatabase()
const refused = { code: '42501' }
let service: Database

beforeAll(async () => {
  const url = await openServiceRole({ reveal: () => store.url })
  service = connectDatabase({ url, name: 'as a service', poolSize: 2 })
  await recordEach(service, [makeFact(asId('account', randomUUID())), makeFact(null)])
  await sealAll(service, makeAuditKeys())
})
afterAll(() => service.close())

describe('the role of the services', () => {
  it('is no superuser, owns nothing, and can bypass nothing', async () => {
    const [role] = await service.sql`
      select current_user as name, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
        (select count(*)::int4 from pg_class where relowner = pg_roles.oid) as owned
      from pg_roles where rolname = current_user`
    const none = {
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolbypassrls: false,
      rolreplication: false,
    }
    expect(role).toEqual({ name: serviceRole, ...none, owned: 0 })
  })

  it('reads, writes and deletes in every table but those of the audit', async () => {
    const rows = await service.sql<{ table: string; can: boolean }[]>`
      select relname as table, has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert')
        and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete') as can
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`
    expect(
      rows
        .filter((row) => !row.can)
        .map((row) => row.table)
        .toSorted(),
    ).toEqual(['audit_chain', 'audit_events', 'audit_seals'])
    expect(rows.length).toBeGreaterThan(30)
  })

  it('has the same in tables of later releases', async () => {
    await store.database.sql`create table later (id uuid)`
    await service.sql`insert into later (id) values (${randomUUID()})`
    expect(await service.sql`delete from later returning id`).toHaveLength(1)
  })

  it.each([
    'update audit_events set action = $$nothing$$',
    'update audit_events set salt = null',
    'update audit_chain set hash = decode(repeat($$00$$, 32), $$hex$$)',
    'update audit_seals set hash = decode(repeat($$00$$, 32), $$hex$$)',
    'update audit_seals set signature = decode(repeat($$00$$, 64), $$hex$$)',
    'delete from audit_events',
    'delete from audit_chain',
    'delete from audit_seals',
    'truncate audit_events',
    'truncate audit_chain',
    'truncate audit_seals',
    'drop table audit_events',
    'alter table audit_events disable trigger all',
    'create index on audit_events (id)',
    'set session_replication_role = replica',
    'set role app',
    `select grant_service('${serviceRole}')`,
  ])('is refused: %s', async (statement) => {
    const before = await listAudit()
    await expect(service.sql.unsafe(statement)).rejects.toMatchObject(refused)
    expect(await listAudit()).toEqual(before)
  })

  it('can give itself nothing', async () => {
    // Postgres answers with no more than a warning.
    await service.sql.unsafe(`grant update, delete on audit_events to ${serviceRole}`)
    await expect(service.sql`update audit_events set action = 'nothing'`).rejects.toMatchObject(refused)
  })

  it.each(['xid', 'salt', 'occurred_at'])('cannot choose the %s of an event', async (column) => {
    const value = { xid: '1', salt: randomUUID(), occurred_at: '2020-01-01' }[column] ?? ''
    const insert = service.sql`
      insert into audit_events (id, action, actor, subject_kind, ${service.sql(column)})
      values (${randomUUID()}, 'forged', 'system', 'session', ${value})`
    await expect(insert).rejects.toMatchObject(refused)
  })

  it('notes what was anchored, and nothing else of a seal', async () => {
    expect(await service.sql`update audit_seals set anchored_at = now() returning seal`).toHaveLength(1)
  })
})

async function listAudit(): Promise<string> {
  const [row] = await store.database.sql`
    select (select jsonb_agg(e order by id) from audit_events as e) as events,
      (select jsonb_agg(c order by sequence) from audit_chain as c) as chain,
      (select jsonb_agg(s order by seal) from audit_seals as s) as seals`
  return JSON.stringify(row)
}
