import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { readJobs } from '@portcullis/testkit/ledger'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { MadeOwner } from './testing/make-owner.ts'
import { makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const path = '/v1/admin/sweeps'
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database)
  admin = await makeStaff(store.database, 'admin')
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`truncate jobs, sweeps, audit_events`
})

const start = (body: unknown, token = admin.token) => send(gateway, 'POST', path, { token, body })
const list = (token = admin.token) => send(gateway, 'GET', path, { token })
const said = async () =>
  (await readJobs(store.database)).map(({ message, hearer, payload }) => [message, hearer, payload])

it.each<[{ sweep?: string }, unknown[]]>([
  [
    {},
    [
      ['sweep.sessions', 'sweeper', {}],
      ['purge.expired', 'sweeper', {}],
    ],
  ],
  [{ sweep: 'sessions.idle' }, [['sweep.sessions', 'sweeper', { sweep: 'sessions.idle' }]]],
  [{ sweep: 'logins.old' }, [['purge.expired', 'sweeper', { sweep: 'logins.old' }]]],
])('a wish for %j becomes the jobs of it, audited', async (body, jobs) => {
  expect(await start(body)).toMatchObject({ status: 202, body: { status: 'accepted' } })
  expect((await said()).toSorted()).toEqual(jobs.toSorted())
  expect(await listAudited(store.database, admin.id)).toMatchObject([
    { action: 'sweep_requested', actor: 'admin', details: { sweep: body.sweep ?? 'all' } },
  ])
})

it.each([{ sweep: 'all' }, { sweep: '' }, { sweep: 1 }, { name: 'logins.old' }])(
  '%j is refused by name of the field, and nothing is done',
  async (body) => {
    const refused = await start(body)
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
    expect(JSON.stringify(refused.body)).toContain(Object.keys(body)[0])
    expect(await said()).toEqual([])
  },
)

it('nobody but an admin with a second factor is let in', async () => {
  const others = [
    await makeStaff(store.database, 'member'),
    await makeStaff(store.database, 'support'),
    await makeStaff(store.database, 'admin', false),
  ]
  for (const { token } of others) {
    expect((await start({}, token)).status).toBe(403)
    expect((await list(token)).status).toBe(403)
  }
  expect(await said()).toEqual([])
})

it('a sweep is only started after a fresh proof', async () => {
  const { token, sessionId } = await makeStaff(store.database, 'admin')
  await store.database.sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${sessionId}`
  expect(await start({}, token)).toMatchObject({ status: 403, body: { code: 'reauthentication_required' } })
  expect((await list(token)).status).toBe(200)
})

it('the list tells how far each has come', async () => {
  expect((await list()).body).toEqual({ items: [], nextCursor: null })
  await store.database.sql`
    insert into sweeps (name, chunk_rows, rows_total, rows_this_run, run_started_at, last_error_code)
    values ('sessions.idle', 700, 5000000000, 12, now(), 'store_slow')`
  expect((await list()).body).toEqual({
    items: [
      {
        name: 'sessions.idle',
        chunkRows: 700,
        rowsThisRun: 12,
        rowsTotal: 5_000_000_000,
        runStartedAt: expect.stringMatching(/Z$/),
        runEndedAt: null,
        heldBecause: 'store_slow',
        updatedAt: expect.stringMatching(/Z$/),
      },
    ],
    nextCursor: null,
  })
})
