import { formatId } from '@portcullis/contracts/ids'
import { claimAll, enqueue, readJob, readJobs } from '@portcullis/testkit/ledger'
import { claimDueJobs, leaseJobs, lockDeliveredJobs } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const reason = 'Ticket 4711: the relay host was away'
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database)
  admin = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${admin.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${admin.sessionId}`
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`truncate jobs, queue_pauses, audit_events`
})

const get = (path: string) => send(gateway, 'GET', path, { token: admin.token })
const post = (path: string, body: unknown) => send(gateway, 'POST', path, { token: admin.token, body })
const jobPath = (id: string, verb: string) => `/v1/admin/jobs/job_${id.replaceAll('-', '')}/${verb}`

/** Enqueues jobs and gives them up. */
async function dead(count: number, code = 'smtp_refused', given: Parameters<typeof enqueue>[1] = {}) {
  const ids = await enqueue(store.database, ...Array.from({ length: count }, () => given))
  await store.database.sql`
    update jobs set state = 'dead', generation = 3, attempts = 12, last_error_code = ${code}, done_at = now()
    where id = any(${ids}::uuid[])`
  return ids
}

describe('dead jobs', () => {
  it('are listed, the newest first, by pages, by message and hearer, and nothing else is', async () => {
    await enqueue(store.database, {}, {})
    const ids = await dead(5)
    const [other] = await dead(1, 'gone', { message: 'reset.requested', hearer: 'reset-mailer' })
    const seen: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await get(`/v1/admin/jobs?limit=2${cursor}`)
      seen.push(...body.items.map((job: { id: string }) => job.id))
      if (body.nextCursor === null) break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual([...ids, other!].toReversed().map((id) => formatId('job', id)))
    const { body } = await get('/v1/admin/jobs?message=reset.requested&hearer=reset-mailer')
    expect(body.items).toMatchObject([
      { message: 'reset.requested', hearer: 'reset-mailer', state: 'dead', running: false, attempts: 12, code: 'gone' },
    ])
    expect((await get('/v1/admin/jobs?message=tell.support')).body).toEqual({ items: [], nextCursor: null })
    expect((await get('/v1/admin/jobs?state=pending')).body.items).toHaveLength(2)
  })

  it('of a long history a page of what is done gives up after 5,000 jobs and says where to go on', async () => {
    const [old] = await enqueue(store.database, { message: 'reset.requested', hearer: 'reset-mailer' })
    await store.database.sql`
      insert into jobs (id, message, version, hearer, payload, priority)
      select uuidv7(), 'send.notice', 1, 'notifier', '{}', 0 from generate_series(1, 6000)`
    await store.database.sql`update jobs set state = 'done', done_at = now()`
    const first = (await get('/v1/admin/jobs?state=done&message=reset.requested')).body
    expect(first).toMatchObject({ items: [], nextCursor: expect.stringMatching(/^[0-9a-f]{32}$/) })
    const second = (await get(`/v1/admin/jobs?state=done&message=reset.requested&cursor=${first.nextCursor}`)).body
    expect(second).toMatchObject({ items: [{ id: formatId('job', old!) }], nextCursor: null })
    const page = (await get('/v1/admin/jobs?state=done&limit=3')).body
    const next = (await get(`/v1/admin/jobs?state=done&limit=3&cursor=${page.nextCursor}`)).body
    const ids = [...page.items, ...next.items].map((job: { id: string }) => job.id)
    expect(new Set(ids).size).toBe(6)
    expect(ids).toEqual(ids.toSorted().toReversed())
  })

  it('a replayed one is due at once with all its attempts, under a generation that no delivery of old has', async () => {
    const [id] = await dead(1)
    const answer = await post(jobPath(id!, 'replay'), { reason })
    expect(answer).toMatchObject({
      status: 200,
      body: { state: 'pending', attempts: 0, generation: 4, code: 'replayed' },
    })
    await inTransaction(store.database, async (tx) => {
      expect(await lockDeliveredJobs(tx, [{ id: id!, generation: 3 }])).toEqual([])
    })
    expect(await claimAll(store.database)).toMatchObject([{ id, generation: 5 }])
    expect(await listAudited(store.database, id)).toMatchObject([
      { action: 'job_replayed', actor: 'admin', details: { message: 'send.notice', code: 'smtp_refused', reason } },
    ])
  })

  it('a discarded one is done and never handed out again', async () => {
    const [id] = await dead(1)
    expect(await post(jobPath(id!, 'discard'), { reason })).toMatchObject({
      status: 200,
      body: { state: 'done', code: 'discarded' },
    })
    expect(await claimAll(store.database)).toEqual([])
    expect(await listAudited(store.database, id)).toMatchObject([{ action: 'job_discarded', actor: 'admin' }])
  })

  it.each(['replay', 'discard'])(
    '%s: of many at once one is done; one that is not dead, or not there, is refused',
    async (verb) => {
      const [id] = await dead(1)
      const answers = await Promise.all(Array.from({ length: 10 }, () => post(jobPath(id!, verb), { reason })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 409)])
      expect(answers.find(({ status }) => status === 409)?.body.code).toBe('job_not_dead')
      expect(await listAudited(store.database, id)).toHaveLength(1)
      const nobody = '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'
      expect(await post(jobPath(nobody, verb), { reason })).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect(await post(jobPath(id!, verb), {})).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/reason' }] },
      })
    },
  )

  it('by filter they become due no faster than asked for, the oldest first, and one audit event tells of all', async () => {
    const ids = await dead(5)
    await dead(2, 'gone')
    const answer = await post('/v1/admin/jobs/replay', { code: 'smtp_refused', ratePerSecond: 2, reason })
    expect(answer).toMatchObject({ status: 200, body: { replayed: 5, left: 0, lastDueSeconds: 2 } })
    const rows = (await readJobs(store.database)).filter((row) => row.state === 'pending')
    expect(rows.map((row) => row.id)).toEqual(ids)
    const [first = 0] = rows.map((row) => row.dueSeconds)
    expect(rows.map((row) => Math.round((row.dueSeconds - first) * 10) / 10)).toEqual([0, 0.5, 1, 1.5, 2])
    expect(await claimAll(store.database)).toHaveLength(1)
    expect(await listAudited(store.database)).toMatchObject([
      { action: 'jobs_replayed', details: { code: 'smtp_refused', replayed: 5, left: 0 } },
    ])
  })

  it.each([{}, { everything: true, code: 'gone' }, { message: 'no.such' }, { everything: false }])(
    'a filter of %j is refused and replays nothing: everything is said alone and explicitly',
    async (filter) => {
      await dead(1, 'gone')
      expect(await post('/v1/admin/jobs/replay', { ...filter, reason })).toMatchObject({ status: 422 })
      expect((await readJobs(store.database)).map((row) => row.state)).toEqual(['dead'])
      expect(await post('/v1/admin/jobs/replay', { everything: true, reason })).toMatchObject({ body: { replayed: 1 } })
    },
  )
})

describe('a paused queue', () => {
  it('hands out nothing from the answer on, takes back what nobody has begun, and leaves what is at work', async () => {
    const [atWork, handed] = await enqueue(store.database, {}, {})
    const given = await claimAll(store.database)
    await inTransaction(store.database, (tx) => leaseJobs(tx, [atWork!], 30))
    const [waiting] = await enqueue(store.database, {})
    const answer = await post('/v1/admin/queues/notifier/pause', { reason })
    expect(answer).toMatchObject({
      status: 200,
      body: { due: 3, published: 1, running: 1, pauses: [{ message: null, reason }] },
    })
    // The alert to support is the one thing that goes on.
    expect(await claimAll(store.database)).toMatchObject([{ message: 'tell.support' }])
    await inTransaction(store.database, async (tx) => {
      const dispatch = given.find((one) => one.id === handed)
      expect(await lockDeliveredJobs(tx, [dispatch!])).toEqual([])
    })
    expect(await readJob(store.database, atWork!)).toMatchObject({ state: 'published' })

    const resumed = await post('/v1/admin/queues/notifier/resume', { reason })
    expect(resumed).toMatchObject({ status: 200, body: { pauses: [] } })
    expect((await claimAll(store.database)).map((one) => one.id).toSorted()).toEqual([handed, waiting].toSorted())
  })

  it('a claim that is under way is waited for and taken back: none is handed out once the pause is answered', async () => {
    const [id] = await enqueue(store.database, { hearer: 'sweeper', message: 'purge.expired' })
    const relay = store.connect('relay')
    let answered = false
    let pausing: Promise<unknown> = Promise.resolve()
    await inTransaction(relay, async (tx) => {
      expect(await claimDueJobs(tx, [{ hearer: 'sweeper', most: 3 }])).toMatchObject([{ id }])
      pausing = post('/v1/admin/queues/sweeper/pause', { reason }).then(() => (answered = true))
      await vi.waitFor(async () => {
        const waiting = await store.database
          .sql`select from pg_locks where not granted and relation = 'queue_pauses'::regclass`
        expect(waiting.length > 0 || answered).toBe(true)
      })
      expect(answered).toBe(false)
    })
    await pausing
    expect(await readJob(store.database, id!)).toMatchObject({ state: 'pending' })
    expect(await claimDueJobs(relay, [{ hearer: 'sweeper', most: 3 }])).toEqual([])
    await relay.close()
  })

  it('by message leaves the others alone', async () => {
    const [notice, webhook] = await enqueue(store.database, {}, { message: 'deliver.webhook', payload: {} })
    await post('/v1/admin/queues/notifier/pause', { message: 'deliver.webhook', reason })
    expect(await claimAll(store.database)).toMatchObject([{ id: notice }])
    await post('/v1/admin/queues/notifier/resume', { message: 'deliver.webhook', reason })
    expect(await claimAll(store.database)).toMatchObject([{ id: webhook }])
  })

  it.each([
    ['lockdown', undefined],
    ['lockdown', 'run.lockdown'],
    ['notifier', undefined],
    ['notifier', 'send.notice'],
  ])('%s %s: what lockdowns need is paused loudly: critical, and support is told', async (queue, message) => {
    await post(`/v1/admin/queues/${queue}/pause`, { ...(message && { message }), reason })
    const [event] = await listAudited(store.database)
    expect(event).toMatchObject({ action: 'queue_paused', actor: 'admin', details: { queue, critical: true, reason } })
    await expectEnqueued(store.database, 'tell.support', [
      { pauseId: event!.subjectId, queue, message: message ?? '*' },
    ])
    expect(await claimAll(store.database)).toMatchObject([{ message: 'tell.support' }])
  })

  it('others are paused without an alert, and each move is audited once', async () => {
    await post('/v1/admin/queues/sweeper/pause', { reason })
    await post('/v1/admin/queues/sweeper/resume', { reason })
    await post('/v1/admin/queues/sweeper/resume', { reason })
    expect((await listAudited(store.database)).map((one) => [one.action, one.details['critical']])).toEqual([
      ['queue_paused', false],
      ['queue_resumed', undefined],
    ])
    expect(await readJobs(store.database)).toEqual([])
  })

  it.each([
    ['notifier', { message: 'tell.support', reason }, 'never_paused'],
    ['notifier', { message: 'run.lockdown', reason }, 'not_heard'],
    ['notifier', { message: 'no.such', reason }, 'invalid_value'],
    ['notifier', { reason: 'short' }, undefined],
  ])('%s: %j is refused by name of the field, and nothing is paused', async (queue, body, code) => {
    const refused = await post(`/v1/admin/queues/${queue}/pause`, body)
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: code ? '/message' : '/reason' }] } })
    expect((await store.database.sql`select from queue_pauses`).length).toBe(0)
  })

  it('there is none of a service that hears nothing, or of no service', async () => {
    for (const name of ['gateway', 'relay', 'nobody']) {
      expect((await post(`/v1/admin/queues/${name}/pause`, { reason })).status, name).toBe(404)
    }
  })
})

it('the list tells of every queue how far behind it is, also of one that has nothing to do', async () => {
  await enqueue(store.database, {}, { delayMs: 60_000 })
  await store.database.sql`update jobs set run_at = now() - interval '40 s' where run_at <= now()`
  await dead(1)
  const { body } = await get('/v1/admin/queues')
  expect(body.items.find((queue: { name: string }) => queue.name === 'notifier')).toEqual({
    name: 'notifier',
    due: 1,
    waiting: 1,
    published: 0,
    running: 0,
    dead: 1,
    oldestDueSeconds: expect.closeTo(40, 0),
    pauses: [],
  })
  expect(body.items).toContainEqual(expect.objectContaining({ name: 'lockdown', due: 0, oldestDueSeconds: 0 }))
})

it('nobody but an admin with a second factor and a fresh proof decides', async () => {
  const [id] = await dead(1)
  const calls = [
    jobPath(id!, 'replay'),
    jobPath(id!, 'discard'),
    '/v1/admin/jobs/replay',
    '/v1/admin/queues/lockdown/pause',
  ]
  const support = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'support' where id = ${support.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${support.sessionId}`
  const stale = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${stale.id}`
  await store.database.sql`
    update sessions set second_factor = true, proved_at = now() - interval '11 minutes' where id = ${stale.sessionId}`
  for (const path of calls) {
    for (const { token } of [support, stale]) {
      expect((await send(gateway, 'POST', path, { token, body: { reason, everything: true } })).status).toBe(403)
    }
  }
  expect((await readJob(store.database, id!)).state).toBe('dead')
  expect((await store.database.sql`select from queue_pauses`).length).toBe(0)
})
