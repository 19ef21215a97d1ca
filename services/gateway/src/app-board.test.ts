import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { Secret } from '@portcullis/runtime/secret'
import { createPublisher } from '@portcullis/queue/publisher'
import { useDatabase } from '@portcullis/testkit/database'
import { useRedis } from '@portcullis/testkit/redis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { boardPath } from './board/mount-board.ts'
import { type OpenBoard, openBoardMount } from './board/open-board.ts'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })

describe.runIf(redis)('the dashboard of the queues', () => {
  let board: OpenBoard
  let gateway: OpenGateway
  let admin: MadeOwner
  const jobId = newId('job')

  beforeAll(async () => {
    const opened = await openBoardMount({ REDIS_URL: new Secret(redis!.url), QUEUE_PREFIX: redis!.prefix }, log)
    board = opened!
    gateway = await openGateway(store.database, { board: board.mount })
    admin = await makeStaff('admin')
    const publisher = createPublisher({ redisUrl: redis!.url, hearers: ['notifier'], log, prefix: redis!.prefix })
    await vi.waitUntil(() => publisher.answers(), 5000)
    await publisher.publish([{ id: jobId, generation: 1, hearer: 'notifier', message: 'send.notice' }])
    await publisher.close()
  })
  afterAll(async () => {
    await gateway.close()
    await board.close()
  })

  async function makeStaff(role: string, secondFactor = true): Promise<MadeOwner> {
    const owner = await makeOwner(store.database)
    await store.database.sql`update accounts set role = ${role} where id = ${owner.id}`
    await store.database.sql`update sessions set second_factor = ${secondFactor} where id = ${owner.sessionId}`
    return owner
  }

  const get = (path: string, token = admin.token) => send(gateway, 'GET', path, { token })

  it('opens with the cookie of an admin’s session, and shows every queue with its jobs by name and id', async () => {
    const page = await send(gateway, 'GET', boardPath, { headers: { cookie: `__Host-portcullis=${admin.token}` } })
    expect(page.status).toBe(200)
    expect(page.body).toContain('Portcullis')
    const script = /src="(static\/js\/main[^"]+)"/.exec(page.body)?.[1]
    expect((await get(`${boardPath}/${script}`)).status).toBe(200)
    const { body } = await get(`${boardPath}/api/queues?activeQueue=notifier&status=waiting`)
    expect(body.queues.map((queue: { name: string }) => queue.name)).toContain('lockdown')
    const queue = body.queues.find((one: { name: string }) => one.name === 'notifier')
    expect(queue).toMatchObject({ readOnlyMode: true, jobs: [{ id: `${jobId}_1`, name: 'send.notice', data: {} }] })
  })

  it('runs no script within a page and loads nothing from elsewhere', async () => {
    const policy = (await get(boardPath)).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
    expect((await get('/v1/admin/queues')).headers.get('content-security-policy')).not.toContain('unsafe-inline')
  })

  it('is for nobody else: no session, another role, no second factor', async () => {
    const paths = ['', '/', '/api/queues', '/static/favicon.ico', '/queue/notifier'].map((path) => boardPath + path)
    const others = [await makeStaff('member'), await makeStaff('support'), await makeStaff('admin', false)]
    for (const path of paths) {
      expect((await send(gateway, 'GET', path)).status, path).toBe(401)
      for (const { token } of others) expect((await get(path, token)).status, path).toBe(403)
    }
  })

  it('changes nothing: every other method is refused, to admins too', async () => {
    const paths = [
      '/api/queues/pause',
      '/api/queues/notifier/pause',
      `/api/queues/notifier/${jobId}_1/clean`,
      '/api/queues/notifier/add',
    ]
    for (const path of paths) {
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
        const refused = await send(gateway, method, boardPath + path, { token: admin.token, body: {} })
        expect(refused, `${method} ${path}`).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
        expect(refused.headers.get('allow')).toBe('GET, HEAD')
      }
    }
    const { body } = await get(`${boardPath}/api/queues?activeQueue=notifier&status=waiting`)
    expect(body.queues.find((one: { name: string }) => one.name === 'notifier')).toMatchObject({
      isPaused: false,
      jobs: [{}],
    })
  })
})

it('without a Redis there is none', async () => {
  expect(await openBoardMount({ REDIS_URL: undefined, QUEUE_PREFIX: 'portcullis' }, log)).toBeUndefined()
  const gateway = await openGateway(store.database)
  expect((await send(gateway, 'GET', '/admin/queues')).status).toBe(404)
  await gateway.close()
})
