import { asId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockdownId, runLockdown } from '../../testing/lockdown-ground.ts'
import { makeOwner } from '../../testing/make-owner.ts'
import { type OpenGateway, openGateway } from '../../testing/open-gateway.ts'
import { send } from '../../testing/send.ts'
import { createOperationStreams, type OperationStreams } from './streams.ts'

const store = useDatabase()
let streams: OperationStreams
let gateway: OpenGateway
beforeAll(async () => {
  streams = createOperationStreams({ database: store.database, beatMs: 10, heartbeatMs: 30, most: 3 })
  gateway = await openGateway(store.database, { streams })
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

async function lock() {
  const owner = await makeOwner(store.database)
  const { body, headers } = await send(gateway, 'POST', '/v1/account/lockdowns', { token: owner.token, body: {} })
  return { owner, id: String(body.id), path: headers.get('location') ?? '', watchToken: String(body.watchToken) }
}

function watch(path: string, token: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}/events`, { headers: { authorization: `Bearer ${token}`, ...headers } })
}

/** Reads events until `enough`, or the end. */
async function readUntil(response: Response, enough: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (enough(text)) break
  }
  return text
}

const finish = (id: string) => store.database.sql`
  update operations set status = 'done', ended_at = now(), updated_at = clock_timestamp() where id = ${lockdownId(id)}`

describe('an operation', () => {
  it('is read with the watch token though every session is dead, and tells no names', async () => {
    const { owner, id, path, watchToken } = await lock()
    await runLockdown(store.database, id)
    expect((await send(gateway, 'GET', path, { token: owner.token })).status).toBe(401)
    await store.database.sql`
      update lockdown_steps set proof = '{"living": 0, "unconfirmedHosts": ["srv-1"]}'
      where lockdown_id = ${lockdownId(id)} and step = 'ssh_keys'`
    const { status, body } = await send(gateway, 'GET', path, { token: watchToken })
    expect(status).toBe(200)
    expect(body).toMatchObject({ kind: 'lockdown', status: 'running', progress: { total: 10 }, lockdown: { id } })
    expect(body.steps.map((one: { step: string }) => one.step).slice(0, 3)).toEqual([
      'sessions',
      'api_keys',
      'ssh_keys',
    ])
    expect(body.steps[0]).toMatchObject({ state: 'proven', counts: { revoked: 1 } })
    expect(body.steps[2].proof).toEqual({ living: 0 })
  })

  it('is not there for another operation’s token, a forged one, another owner, or a member’s session', async () => {
    const [one, other] = [await lock(), await lock()]
    const stranger = await makeOwner(store.database)
    const forged = `${one.watchToken.slice(0, -1)}${one.watchToken.endsWith('A') ? 'B' : 'A'}`
    for (const token of [other.watchToken, forged, 'pcw_', stranger.token]) {
      expect((await send(gateway, 'GET', one.path, { token })).status).toBe(404)
      expect((await watch(one.path, token)).status).toBe(404)
    }
    // The token opens that one thing.
    expect((await send(gateway, 'GET', '/v1/account', { token: one.watchToken })).status).toBe(401)
  })

  it('is seen by staff only in a session with a second factor', async () => {
    const { path } = await lock()
    const staff = await makeOwner(store.database)
    await store.database.sql`update accounts set role = 'support' where id = ${staff.id}`
    expect((await send(gateway, 'GET', path, { token: staff.token })).status).toBe(404)
    await store.database.sql`update sessions set second_factor = true where id = ${staff.sessionId}`
    expect((await send(gateway, 'GET', path, { token: staff.token })).status).toBe(200)
  })
})

describe('a stream', () => {
  it('tells the state at once, each change, and ends when the operation is over', async () => {
    const { id, path, watchToken } = await lock()
    const response = await watch(path, watchToken)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const reading = readUntil(response, () => false)
    await runLockdown(store.database, id)
    await finish(id)
    const events = (await reading).split('\n\n').filter((one) => one.startsWith('id: '))
    const bodies = events.map((one) => JSON.parse(/^data: (.*)$/m.exec(one)?.[1] ?? '{}'))
    expect(bodies.length).toBeGreaterThanOrEqual(2)
    expect(bodies[0]).toMatchObject({ status: 'running' })
    expect(bodies.at(-1)).toMatchObject({ status: 'done' })
    const ids = events.map((one) => BigInt(/^id: (\d+)$/m.exec(one)?.[1] ?? 0))
    expect(ids.every((one, at) => at === 0 || one > (ids[at - 1] ?? 0n))).toBe(true)
    expect(streams.count).toBe(0)
  })

  it('that is resumed tells nothing again, keeps the line open, and tells what is newer', async () => {
    const { id, path, watchToken } = await lock()
    const first = await readUntil(await watch(path, watchToken), (text) => text.includes('\n\n'))
    const known = /^id: (\d+)$/m.exec(first)?.[1] ?? ''
    const resumed = await watch(path, watchToken, { 'last-event-id': known })
    const reading = readUntil(resumed, () => false)
    await finish(id)
    const text = await reading
    expect(text.startsWith(': still here\n\n')).toBe(true)
    expect(text).not.toContain(`id: ${known}\n`)
    expect(text).toContain('"status":"done"')
  })

  it('of a reader who goes away is closed, so that others find room; a fourth at a time waits', async () => {
    const { path, watchToken } = await lock()
    const aborts = Array.from({ length: 3 }, () => new AbortController())
    for (const { signal } of aborts) {
      const open = await fetch(`${gateway.url}${path}/events`, {
        headers: { authorization: `Bearer ${watchToken}` },
        signal,
      })
      expect(open.status).toBe(200)
    }
    const fourth = await watch(path, watchToken)
    expect([fourth.status, fourth.headers.get('retry-after')]).toEqual([429, '10'])
    for (const abort of aborts) abort.abort()
    await expect.poll(() => streams.count).toBe(0)
    const next = await watch(path, watchToken)
    expect(next.status).toBe(200)
    await next.body?.cancel()
    await expect.poll(() => streams.count).toBe(0)
  })

  it('of a session ends with the session', async () => {
    const { id, path } = await lock()
    const staff = await makeOwner(store.database)
    await store.database.sql`update accounts set role = 'admin' where id = ${staff.id}`
    await store.database.sql`update sessions set second_factor = true where id = ${staff.sessionId}`
    const response = await watch(path, staff.token)
    await store.database.sql`update sessions set revoked_at = now() where id = ${staff.sessionId}`
    await store.database.sql`update operations set updated_at = clock_timestamp() where id = ${lockdownId(id)}`
    const text = await readUntil(response, () => false)
    expect(text.match(/^id: /gm)).toHaveLength(1)
  })

  it('ends with the process, and after its lifetime', async () => {
    const brief = createOperationStreams({ database: store.database, beatMs: 10, lifetimeMs: 20 })
    const request = {
      id: asId('operation', lockdownId((await lock()).id)),
      first: { id: '1', data: '{}', last: false },
      known: undefined,
      read: async () => ({ id: '1', data: '{}', last: false }),
    }
    expect(await new Response(brief.open(request)).text()).toContain('id: 1\n')
    const stream = brief.open(request)
    brief.close()
    expect(await new Response(stream).text()).toContain('id: 1\n')
    expect(brief.open(request)).toBeUndefined()
  })
})
