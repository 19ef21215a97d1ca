import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '@portcullis/domain/audit/record'
import { createLanes } from '@portcullis/domain/webhook/lanes'
import { newWebhookSecret, sealWebhookSecret } from '@portcullis/domain/webhook/secret'
import { signWebhook } from '@portcullis/domain/webhook/signature'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { createOutbound } from '@portcullis/runtime/outbound'
import { createSealer } from '@portcullis/runtime/seal'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeAccount } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openReceiver, type Receiver } from '../../testing/open-receiver.ts'
import { handleDeliverWebhook, type WebhookDeps } from './handle.ts'

const store = useDatabase()
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(8) }] })
const wide = { most: 1000, endpointMost: 1000, slowMost: 1000, slowMs: 60_000 }
let receiver: Receiver
let outbound: ReturnType<typeof createOutbound>

beforeAll(async () => {
  receiver = await openReceiver()
  outbound = createOutbound({ allowPrivate: true, timeoutMs: 1000 })
})
afterAll(async () => {
  await outbound.close()
  await receiver.close()
})
beforeEach(async () => {
  receiver.answer((response) => void response.writeHead(204).end())
  await store.database.sql`delete from webhook_endpoints`
  await store.database.sql`delete from jobs`
})

function handlers(given: Partial<WebhookDeps> = {}) {
  const log = createLogger({ service: 'test', level: 'silent' })
  const lanes = createLanes(wide, systemClock.monotonicMs)
  return makeHandlers({
    'deliver.webhook': handleDeliverWebhook({
      outbound,
      lanes,
      sealer,
      clock: systemClock,
      log,
      actSeconds: 5,
      ...given,
    }),
  })
}

/** Makes due whatever waits, and works it off. */
async function work(given: Partial<WebhookDeps> = {}, deliveries = 1) {
  await store.database.sql`update jobs set run_at = now() where state = 'pending' and message = 'deliver.webhook'`
  const jobs = await perform(store.database, 'notifier', handlers(given), deliveries)
  return jobs.filter(({ message }) => message === 'deliver.webhook')
}

async function makeEndpoint(actions = ['session_revoked', 'account_locked'], url = receiver.url) {
  const id = newId('webhookEndpoint')
  const secret = newWebhookSecret()
  const secretSealed = sealWebhookSecret(sealer, id, secret)
  const { id: createdBy } = await makeAccount(store.database)
  await inTransaction(store.database, (tx) =>
    insertWebhookEndpoint(tx, { id, url, description: 'Test', events: ['*'], actions, secretSealed, createdBy }),
  )
  return { id, secret }
}

async function happen(
  action: AuditAction = 'session_revoked',
  details: Record<string, unknown> = { because: 'owner' },
) {
  const subject = { kind: 'session', id: newId('session') }
  const { id: accountId } = await makeAccount(store.database)
  await inTransaction(store.database, (tx) =>
    recordFacts(tx, [{ action, accountId, actor: 'account', subject, details }]),
  )
}

async function deliveries(endpointId: Id<'webhookEndpoint'>) {
  const rows = await store.database.sql`
    select id, state, attempts, last_status as status, last_error_code as code,
      extract(epoch from next_attempt_at - now())::float8 as "nextSeconds"
    from webhook_deliveries where endpoint_id = ${endpointId} order by id`
  return [...rows]
}

async function endpoint(id: Id<'webhookEndpoint'>) {
  const [row] = await store.database.sql`
    select state, disabled_because as because, failures, failing_since is not null as failing
    from webhook_endpoints where id = ${id}`
  return row
}

async function saidTo(message: string) {
  const rows = await store.database.sql<
    { payload: unknown }[]
  >`select payload from jobs where message = ${message} order by id`
  return rows.map(({ payload }) => payload)
}

describe('an event', () => {
  it('is owed to each active endpoint that subscribed to it, in the same transaction, and to no other', async () => {
    const [first, second, other] = [await makeEndpoint(), await makeEndpoint(), await makeEndpoint(['account_locked'])]
    const off = await makeEndpoint()
    await store.database.sql`update webhook_endpoints set state = 'disabled' where id = ${off.id}`
    await happen()
    const owed = await Promise.all([first, second, other, off].map(async ({ id }) => (await deliveries(id)).length))
    expect(owed).toEqual([1, 1, 0, 0])
    expect(await saidTo('deliver.webhook')).toHaveLength(2)
  })

  it('that is rolled back is owed to nobody', async () => {
    const { id } = await makeEndpoint()
    const fact = {
      action: 'session_revoked',
      accountId: null,
      actor: 'system',
      subject: { kind: 'session', id },
    } as const
    const undone = inTransaction(store.database, async (tx) => {
      await recordFacts(tx, [fact])
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect([await deliveries(id), await saidTo('deliver.webhook')]).toEqual([[], []])
  })

  it('arrives signed as the standard has it: id of the delivery, moment of the attempt, raw body', async () => {
    const { id, secret } = await makeEndpoint()
    await happen()
    expect(await work()).toMatchObject([{ state: 'done', code: null }])
    const [delivery] = await deliveries(id)
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, status: 204, code: null })
    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }
    expect(headers['webhook-id']).toBe(`msg_${delivery?.['id'].replaceAll('-', '')}`)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    const timestampSeconds = Number(headers['webhook-timestamp'])
    expect(Math.abs(timestampSeconds - systemClock.now().getTime() / 1000)).toBeLessThan(10)
    expect(headers['webhook-signature']).toBe(
      signWebhook([secret], { id: String(headers['webhook-id']), timestampSeconds, body }),
    )
    expect(JSON.parse(body)).toMatchObject({ type: 'session.revoked', data: { details: { because: 'owner' } } })
  })

  it('that the queue hands over five times at once arrives once', async () => {
    await makeEndpoint()
    await happen()
    const before = receiver.received.length
    await work({}, 5)
    expect(receiver.received.length - before).toBe(1)
  })

  it('that was not taken comes again under the same id, with a fresh moment', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => void response.writeHead(500).end())
    expect(await work()).toMatchObject([{ state: 'pending', attempts: 0, code: 'http_500' }])
    const [waiting] = await deliveries(id)
    expect(waiting).toMatchObject({ state: 'pending', attempts: 1, status: 500, code: 'http_500' })
    expect(waiting?.['nextSeconds']).toBeGreaterThan(3)
    expect(waiting?.['nextSeconds']).toBeLessThan(6)
    receiver.answer((response) => void response.writeHead(200).end())
    expect(await work()).toMatchObject([{ state: 'done' }])
    const [again, first] = receiver.received.toReversed()
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(again?.body).toBe(first?.body)
    expect(await deliveries(id)).toMatchObject([{ state: 'delivered', attempts: 2, status: 200, code: null }])
  })

  it('is signed by both secrets while the former one is good, and by one again afterwards', async () => {
    const { id, secret } = await makeEndpoint()
    const former = newWebhookSecret()
    const sealed = sealWebhookSecret(sealer, id, former, 'former_secret_sealed')
    for (const [until, count] of [
      ['1 hour', 2],
      ['-1 second', 1],
    ] as const) {
      await store.database.sql`
        update webhook_endpoints set former_secret_sealed = ${sealed}, former_secret_until = now() + ${until}::interval
        where id = ${id}`
      await happen()
      await work()
      const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }
      const message = {
        id: String(headers['webhook-id']),
        timestampSeconds: Number(headers['webhook-timestamp']),
        body,
      }
      expect(headers['webhook-signature']).toBe(signWebhook([secret, former].slice(0, count), message))
    }
  })
})

describe('a receiver that', () => {
  it('redirects is not followed', async () => {
    const { id } = await makeEndpoint()
    await happen()
    const before = receiver.received.length
    receiver.answer((response) => void response.writeHead(302, { location: receiver.url }).end())
    await work()
    expect(receiver.received.length - before).toBe(1)
    expect(await deliveries(id)).toMatchObject([{ state: 'pending', status: 302, code: 'http_302' }])
  })

  it('is silent costs its time-out, and the event comes again', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer(() => {})
    const hasty = createOutbound({ allowPrivate: true, timeoutMs: 100 })
    await work({ outbound: hasty })
    await hasty.close()
    expect(await deliveries(id)).toMatchObject([{ state: 'pending', status: null, code: 'timeout' }])
  })

  it('cuts the connection after the body may have taken it: the event comes again under the same id', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => void response.destroy())
    await work()
    expect(await deliveries(id)).toMatchObject([{ state: 'pending', status: null, code: 'connection_failed' }])
    receiver.answer((response) => void response.writeHead(204).end())
    await work()
    const [again, first] = receiver.received.toReversed()
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('answers with a huge body has its answer taken, and the body left', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => {
      response.writeHead(200)
      response.write('x'.repeat(1_000_000))
    })
    await work()
    expect(await deliveries(id)).toMatchObject([{ state: 'delivered', status: 200 }])
  })

  it('says when to come back is believed', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => void response.writeHead(429, { 'retry-after': '3600' }).end())
    await work()
    const [delivery] = await deliveries(id)
    expect(delivery?.['nextSeconds']).toBeGreaterThan(3590)
    expect(delivery?.['nextSeconds']).toBeLessThan(3601)
  })

  it('answers 410 is told nothing more: disabled, recorded, support told, and what waits is given up when it is due', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => void response.writeHead(410).end())
    expect(await work()).toMatchObject([{ state: 'done', code: 'gone' }])
    expect(await endpoint(id)).toMatchObject({ state: 'disabled', because: 'gone' })
    const audited = await listAudited(store.database, id)
    expect(audited.map(({ action, details }) => [action, details['code'] ?? details['because']])).toEqual([
      ['webhook_dead', 'gone'],
      ['webhook_endpoint_disabled', 'gone'],
    ])
    expect(await saidTo('tell.support')).toEqual([{ webhookEndpointId: id }])
    await happen()
    expect(await deliveries(id)).toMatchObject([{ state: 'dead', status: 410, code: 'gone' }])
  })

  it('fails ten times has the event dead, recorded; replayed it begins from the start', async () => {
    const { id } = await makeEndpoint()
    await happen()
    receiver.answer((response) => void response.writeHead(503).end())
    for (let attempt = 1; attempt < 10; attempt += 1) expect(await work()).toMatchObject([{ state: 'pending' }])
    expect(await work()).toMatchObject([{ state: 'done', code: 'http_503' }])
    expect(await deliveries(id)).toMatchObject([{ state: 'dead', attempts: 10, status: 503 }])
    expect((await listAudited(store.database, id)).map(({ action }) => action)).toEqual(['webhook_dead'])
    expect(await endpoint(id)).toMatchObject({ state: 'active', failures: 10, failing: true })
  })

  it('fails for five days without a pause is disabled, and support told', async () => {
    const { id } = await makeEndpoint()
    await store.database.sql`
      update webhook_endpoints set failing_since = now() - interval '5 days 1 second', failures = 7 where id = ${id}`
    await happen()
    receiver.answer((response) => void response.writeHead(500).end())
    await work()
    expect(await endpoint(id)).toMatchObject({ state: 'disabled', because: 'failing', failures: 8 })
    expect(await saidTo('tell.support')).toEqual([{ webhookEndpointId: id }])
    expect((await listAudited(store.database, id)).map(({ action }) => action)).toEqual(['webhook_endpoint_disabled'])
    expect(await work()).toMatchObject([{ state: 'done', code: 'endpoint_disabled' }])
    expect(await deliveries(id)).toMatchObject([{ state: 'dead', code: 'endpoint_disabled' }])
  })

  it('takes one event after failures is well again', async () => {
    const { id } = await makeEndpoint()
    await store.database.sql`
      update webhook_endpoints set failing_since = now() - interval '6 days', failures = 7 where id = ${id}`
    await happen()
    await work()
    expect(await endpoint(id)).toEqual({ state: 'active', because: null, failures: 0, failing: false })
  })
})

describe('an address', () => {
  it('that is private when it is called is refused though it was saved, and nothing is connected to', async () => {
    const { id } = await makeEndpoint(undefined, 'https://rebound.example/hook')
    await happen()
    const before = receiver.received.length
    const strict = createOutbound({ lookUp: async () => [{ address: '127.0.0.1', family: 4 }] })
    await work({ outbound: strict })
    await strict.close()
    expect(await deliveries(id)).toMatchObject([{ state: 'pending', status: null, code: 'url_address' }])
    expect(receiver.received.length).toBe(before)
  })

  it.each([
    ['http://127.0.0.1/', 'url_scheme'],
    ['https://127.0.0.1/', 'url_address'],
    ['https://[::1]/', 'url_address'],
    ['https://169.254.169.254/', 'url_address'],
    ['https://0x7f000001/', 'url_address'],
    ['gopher://127.0.0.1/', 'url_scheme'],
  ])('%s that came into the store by whatever way is refused: %s', async (url, code) => {
    const { id } = await makeEndpoint(undefined, url)
    await happen()
    const strict = createOutbound()
    await work({ outbound: strict })
    await strict.close()
    expect(await deliveries(id)).toMatchObject([{ state: 'pending', code }])
  })
})

describe('a lockdown', () => {
  const lockdownId = newId('lockdown')

  it('hears when what tells of it was taken, and its deliveries are handed out first', async () => {
    await makeEndpoint()
    await happen('account_locked', { lockdownId })
    const [job] = await store.database.sql`select priority from jobs where message = 'deliver.webhook'`
    expect(job).toMatchObject({ priority: 0 })
    await work()
    expect(await saidTo('run.lockdown')).toEqual([{ lockdownId }])
  })

  it('hears when its deliveries are given up with their endpoint, also those that would wait for hours', async () => {
    const { id } = await makeEndpoint()
    receiver.answer((response) => void response.writeHead(500).end())
    await happen('account_locked', { lockdownId })
    await work()
    expect(await saidTo('run.lockdown')).toEqual([])
    await store.database.sql`update jobs set run_at = now() + interval '1 hour' where state = 'pending'`
    receiver.answer((response) => void response.writeHead(410).end())
    await happen()
    await perform(store.database, 'notifier', handlers())
    expect(await saidTo('run.lockdown')).toEqual([{ lockdownId }])
    expect((await deliveries(id)).map(({ state }) => state)).toEqual(['dead', 'dead'])
  })
})

it('one slow endpoint does not hold up another: what has no room waits, and counts no attempt', async () => {
  const slow = await openReceiver()
  const release: (() => void)[] = []
  slow.answer((response) => void release.push(() => response.writeHead(204).end()))
  const [slowEndpoint, quick] = [await makeEndpoint(undefined, slow.url), await makeEndpoint()]
  for (let n = 0; n < 8; n += 1) await happen()
  const lanes = createLanes({ most: 12, endpointMost: 3, slowMost: 1, slowMs: 60_000 }, systemClock.monotonicMs)
  const working = work({ lanes })
  await expect.poll(() => release.length).toBe(3)
  await expect
    .poll(async () => (await deliveries(quick.id)).filter(({ state }) => state === 'delivered').length)
    .toBe(3)
  for (const end of release.splice(0)) end()
  await working
  const states = (await deliveries(slowEndpoint.id)).map(({ state, attempts }) => `${state} ${attempts}`)
  expect(states.toSorted()).toEqual([
    ...Array.from({ length: 3 }, () => 'delivered 1'),
    ...Array.from({ length: 5 }, () => 'pending 0'),
  ])
  const [waiting] = await store.database.sql`
    select count(*)::int as count from jobs where last_error_code = 'endpoint_busy' and attempts = 0`
  expect(waiting).toEqual({ count: 10 })
  await slow.close()
})
