import { randomBytes } from 'node:crypto'
import { webhookEventNames } from '@portcullis/contracts/webhook-event'
import { createOutbound } from '@portcullis/runtime/outbound'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import type { MadeOwner } from './testing/make-owner.ts'
import { makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'
import { countRows } from './testing/store-count.ts'

const store = useDatabase()
const path = '/v1/admin/webhooks'
const wish = {
  url: 'https://hooks.acme.example/in',
  description: 'Fraud desk',
  events: ['account.locked', 'session.revoked'],
}
/** What the test's resolver finds. */
let found: readonly string[] = ['8.8.8.8']
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  const outbound = createOutbound({ lookUp: async () => found.map((address) => ({ address, family: 4 })) })
  gateway = await openGateway(store.database, { outbound })
  admin = await makeStaff(store.database, 'admin')
})
afterAll(() => gateway.close())
beforeEach(async () => {
  found = ['8.8.8.8']
  await store.database.sql`delete from webhook_endpoints`
  await store.database.sql`delete from jobs`
})

function call(method: string, at: string, body?: unknown, headers: Record<string, string> = {}, token = admin.token) {
  return send(gateway, method, at, { token, headers, ...(body !== undefined && { body }) })
}

const create = (body: unknown = wish, headers = {}) => call('POST', path, body, headers)

describe('an endpoint', () => {
  it('is made with a secret that is shown once and sealed in the store', async () => {
    const made = await create()
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...wish,
        id: expect.stringMatching(/^whk_[0-9a-f]{32}$/),
        state: 'active',
        failures: 0,
        failingSince: null,
      },
    })
    const { secret, ...shown } = made.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect((await call('GET', path)).body).toEqual({ items: [shown], nextCursor: null })
    const [row] = await store.database.sql`select secret_sealed, actions from webhook_endpoints`
    expect(row?.['secret_sealed']).toMatch(/^v1\.k1\./)
    expect(row?.['actions']).toEqual(['account_locked', 'session_revoked', 'session_evicted'])
    await expectAudited(store.database, hyphenated(made.body.id), ['webhook_endpoint_created'])
    const audited = JSON.stringify(await listAudited(store.database, hyphenated(made.body.id)))
    expect(audited).not.toContain('acme.example')
    expect(gateway.logged.join('\n')).not.toContain(secret)
  })

  it('is made once for an Idempotency-Key, and its secret not shown again', async () => {
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const [first, again] = [await create(wish, headers), await create(wish, headers)]
    const { secret: _secret, ...shown } = first.body
    expect([again.status, again.body]).toEqual([201, shown])
    const other = await create({ ...wish, description: 'Other' }, headers)
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect((await call('GET', path)).body.items).toHaveLength(1)
  })

  it('can be subscribed to everything by name or at once', async () => {
    expect((await create({ ...wish, events: ['*'] })).status).toBe(201)
    expect((await create({ ...wish, events: [...webhookEventNames] })).status).toBe(201)
    const rows = await store.database
      .sql`select distinct array(select unnest(actions) order by 1) as actions from webhook_endpoints`
    expect(rows).toHaveLength(1)
  })

  it('is one of fifty at most, however many are made at once', async () => {
    const { id } = admin
    await store.database.sql`
      insert into webhook_endpoints (id, format, url, description, actions, events, created_by)
      select uuidv7(), 'webhook', 'https://a.example/', 'x', '{}', '{}', ${id} from generate_series(1, 48)`
    const made = await Promise.all(Array.from({ length: 5 }, () => create()))
    expect(made.map(({ status }) => status).toSorted()).toEqual([201, 201, 409, 409, 409])
  })

  it('is changed in what is said and nothing else, switched off and on', async () => {
    const { body } = await create()
    const at = `${path}/${body.id}`
    const changed = await call('PATCH', at, { events: ['api_key.revoked'], description: 'Keys' })
    expect(changed).toMatchObject({
      status: 200,
      body: { url: wish.url, events: ['api_key.revoked'], description: 'Keys' },
    })
    const off = await call('PATCH', at, { state: 'disabled' })
    expect(off.body).toMatchObject({ state: 'disabled', disabledBecause: 'admin' })
    await store.database.sql`update webhook_endpoints set failing_since = now(), failures = 3`
    const on = await call('PATCH', at, { state: 'active' })
    expect(on.body).toMatchObject({ state: 'active', disabledBecause: null, failures: 0, failingSince: null })
    await expectAudited(store.database, hyphenated(body.id), [
      'webhook_endpoint_created',
      ...Array(3).fill('webhook_endpoint_updated'),
    ])
  })

  it('is deleted with its deliveries', async () => {
    const { body } = await create()
    await call('POST', `${path}/${body.id}/test`)
    expect((await call('DELETE', `${path}/${body.id}`)).status).toBe(204)
    const [left] = await store.database.sql`select count(*)::int as count from webhook_deliveries`
    expect(left).toEqual({ count: 0 })
    expect((await call('DELETE', `${path}/${body.id}`)).status).toBe(404)
  })
})

describe('an address that may not be called is refused when it is saved, with the rule, and nothing is changed:', () => {
  it.each([
    ['http://hooks.acme.example/', 'url_scheme'],
    ['gopher://127.0.0.1/', 'url_scheme'],
    ['https://127.0.0.1/', 'url_address'],
    ['https://[::1]/', 'url_address'],
    ['https://169.254.169.254/latest', 'url_address'],
    ['https://0x7f000001/', 'url_address'],
    ['https://[::ffff:10.0.0.1]/', 'url_address'],
    ['https://user:word@hooks.acme.example/', 'url_credentials'],
    ['https://hooks.acme.example:8443/', 'url_port'],
    ['https://hooks.acme.example/#x', 'url_fragment'],
    ['not a url', 'url_malformed'],
  ])('%s', async (url, code) => {
    const { body } = await create()
    const before = await countRows(store.database)
    const answers = [await create({ ...wish, url }), await call('PATCH', `${path}/${body.id}`, { url })]
    for (const { status, body: problem } of answers) {
      expect([status, problem.errors]).toEqual([422, [{ pointer: '/url', code, detail: expect.any(String) }]])
    }
    expect(await countRows(store.database)).toEqual(before)
    expect((await call('GET', path)).body.items).toMatchObject([{ url: wish.url }])
  })

  it('a host that is found at a private address, or not at all', async () => {
    for (const [addresses, code] of [
      [['10.0.0.1'], 'url_address'],
      [['8.8.8.8', '127.0.0.1'], 'url_address'],
      [[], 'url_unresolved'],
    ] as const) {
      found = addresses
      const refused = await create()
      expect([refused.status, refused.body.errors[0].code]).toEqual([422, code])
    }
    expect((await call('GET', path)).body.items).toEqual([])
  })
})

it.each([
  [{ ...wish, events: [] }, '/events'],
  [{ ...wish, events: ['account.unknown'] }, '/events/0'],
  [{ ...wish, description: '' }, '/description'],
  [{ ...wish, secret: 'whsec_mine' }, '/secret'],
  [{ ...wish, format: 'security_event' }, '/audience'],
  [{ ...wish, format: 'kafka' }, '/format'],
  [{ ...wish, url: undefined }, '/url'],
])('bad input names its field: %#', async (body, pointer) => {
  const refused = await create(body)
  expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, pointer])
})

describe('a secret', () => {
  it('that is rotated is shown once, and the former one signs for the overlap', async () => {
    const { body } = await create()
    const at = `${path}/${body.id}/secret`
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const rotated = await call('POST', at, {}, headers)
    expect(rotated.status).toBe(201)
    expect(rotated.body.secret).toMatch(/^whsec_/)
    expect(rotated.body.secret).not.toBe(body.secret)
    const hours = (Date.parse(rotated.body.formerSecretUntil) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(23.9)
    expect(hours).toBeLessThan(24.1)
    expect((await call('POST', at, {}, headers)).body.secret).toBeUndefined()
    await expectAudited(store.database, hyphenated(body.id), ['webhook_endpoint_created', 'webhook_secret_rotated'])
    const ended = await call('POST', at, { overlapSeconds: 0 })
    expect(ended.body.formerSecretUntil).toBeNull()
    const [row] = await store.database.sql`select former_secret_sealed as former from webhook_endpoints`
    expect(row?.['former']).toBeNull()
  })
})

describe('deliveries', () => {
  it('begin with a test on demand, once in ten seconds, and are listed', async () => {
    const { body } = await create()
    const at = `${path}/${body.id}`
    const tested = await call('POST', `${at}/test`)
    expect([tested.status, tested.body]).toEqual([202, { deliveryId: expect.stringMatching(/^msg_[0-9a-f]{32}$/) }])
    expect((await call('POST', `${at}/test`)).body.code).toBe('limit_reached')
    const jobs = await store.database.sql`select payload from jobs where message = 'deliver.webhook'`
    expect(jobs).toEqual([{ payload: { deliveryId: hyphenated(tested.body.deliveryId) } }])
    expect((await call('GET', `${at}/deliveries`)).body).toEqual({
      items: [
        {
          id: tested.body.deliveryId,
          event: 'webhook.test',
          state: 'pending',
          attempts: 0,
          lastStatus: null,
          lastErrorCode: null,
          createdAt: expect.stringMatching(/Z$/),
          nextAttemptAt: null,
          deliveredAt: null,
        },
      ],
      nextCursor: null,
    })
  })

  it('come in pages, newest first, each once, of one state where that is asked', async () => {
    const { body } = await create()
    const ids = await makeDeliveries(hyphenated(body.id), 5)
    const at = `${path}/${body.id}/deliveries`
    const seen: string[] = []
    for (let cursor = ''; ;) {
      const page = await call('GET', `${at}?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.body.items.map(({ id }: { id: string }) => hyphenated(id)))
      if (page.body.nextCursor === null) break
      cursor = page.body.nextCursor
    }
    expect(seen).toEqual(ids.toReversed())
    await store.database.sql`update webhook_deliveries set state = 'delivered' where id = ${ids[2] ?? ''}`
    expect((await call('GET', `${at}?state=delivered`)).body.items).toHaveLength(1)
    expect((await call('GET', `${at}?state=lost`)).status).toBe(422)
  })

  it('that are dead are replayed, one or all since a moment, and those that are pending left alone', async () => {
    const { body } = await create()
    const [first = '', , third = ''] = await makeDeliveries(hyphenated(body.id), 3)
    const replay = (id: string) => call('POST', `${path}/deliveries/msg_${id.replaceAll('-', '')}/replay`)
    expect((await replay(first)).body).toEqual({ replayed: 1 })
    expect((await replay(first)).body).toEqual({ replayed: 0 })
    await store.database.sql`update webhook_deliveries set created_at = now() - interval '2 days' where id = ${third}`
    const since = new Date(Date.now() - 86_400_000).toISOString()
    expect((await call('POST', `${path}/${body.id}/replay`, { since })).body).toEqual({ replayed: 1 })
    expect((await call('POST', `${path}/${body.id}/replay`, { since })).body).toEqual({ replayed: 0 })
    const states = await store.database.sql`select state, attempts from webhook_deliveries order by id`
    expect(states.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(['pending 0', 'pending 0', 'dead 10'])
    const jobs = await store.database.sql`select from jobs where message = 'deliver.webhook'`
    expect(jobs).toHaveLength(2)
  })

  it('of an endpoint that is off are not replayed', async () => {
    const { body } = await create()
    const [first = ''] = await makeDeliveries(hyphenated(body.id), 1)
    await call('PATCH', `${path}/${body.id}`, { state: 'disabled' })
    for (const at of [`deliveries/msg_${first.replaceAll('-', '')}/replay`, `${body.id}/replay`]) {
      const refused = await call(
        'POST',
        `${path}/${at}`,
        at.startsWith('whk') ? { since: new Date(0).toISOString() } : undefined,
      )
      expect([refused.status, refused.body.code]).toEqual([409, 'out_of_order'])
    }
  })

  async function makeDeliveries(endpointId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId('webhookDelivery'))
    for (const id of ids) {
      await store.database.sql`
        insert into webhook_deliveries (id, endpoint_id, audit_event_id, state, attempts)
        values (${id}, ${endpointId}, ${newId('auditEvent')}, 'dead', 10)`
    }
    return ids
  }
})

describe('only an admin', () => {
  const id = `whk_${'0'.repeat(32)}`
  const calls: [method: string, at: string, body?: unknown][] = [
    ['GET', path],
    ['POST', path, wish],
    ['PATCH', `${path}/${id}`, { description: 'x' }],
    ['DELETE', `${path}/${id}`],
    ['POST', `${path}/${id}/secret`, {}],
    ['POST', `${path}/${id}/test`],
    ['GET', `${path}/${id}/deliveries`],
    ['POST', `${path}/${id}/replay`, { since: '2026-11-22T00:00:00Z' }],
    ['POST', `${path}/deliveries/msg_${'0'.repeat(32)}/replay`],
  ]

  it.each(calls)(
    'may %s %s: not a member, not support, not without a second factor, not without a proof',
    async (method, at, body) => {
      const [member, support, half, stale] = [
        await makeStaff(store.database, 'member'),
        await makeStaff(store.database, 'support'),
        await makeStaff(store.database, 'admin', false),
        await makeStaff(store.database, 'admin'),
      ]
      await store.database
        .sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${stale.sessionId}`
      const before = await countRows(store.database)
      const codes = []
      for (const one of [member, support, half, stale])
        codes.push((await call(method, at, body, {}, one.token)).body.code)
      const last = method === 'GET' ? codes[3] : 'reauthentication_required'
      expect(codes).toEqual(['not_allowed', 'not_allowed', 'second_factor_required', last])
      expect(await countRows(store.database)).toEqual(before)
    },
  )

  it.each(calls.filter(([, at]) => at.includes('0000')))(
    '%s %s of what is not there is not found',
    async (method, at, body) => {
      const refused = await call(method, at, body)
      expect([refused.status, refused.body.code]).toEqual([404, 'not_found'])
    },
  )
})
