import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '@portcullis/domain/audit/record'
import { securityEventForm } from '@portcullis/domain/security-event/form'
import { createSigningKeys } from '@portcullis/domain/security-event/signing-key'
import { createLanes } from '@portcullis/domain/webhook/lanes'
import { sealWebhookSecret } from '@portcullis/domain/webhook/secret'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { createOutbound } from '@portcullis/runtime/outbound'
import { randomToken } from '@portcullis/runtime/random'
import { createSealer } from '@portcullis/runtime/seal'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { perform } from '@portcullis/testkit/perform'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openReceiver, type Receiver } from '../../testing/open-receiver.ts'
import { handleDeliverWebhook } from './handle.ts'

const store = useDatabase()
const issuer = 'https://account.acme.example'
const audience = 'https://product.acme.example'
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(8) }] })
const keys = createSigningKeys({ MASTER_KEY: new Secret(randomToken(32)), MASTER_KEYS_OLD: [] })
let receiver: Receiver
let outbound: ReturnType<typeof createOutbound>

beforeAll(async () => {
  receiver = await openReceiver()
  outbound = createOutbound({ allowPrivate: true, timeoutMs: 2000 })
})
afterAll(async () => {
  await outbound.close()
  await receiver.close()
})
beforeEach(async () => {
  receiver.answer((response) => void response.writeHead(202).end())
  await store.database.sql`delete from webhook_endpoints`
  await store.database.sql`delete from jobs`
})

async function work() {
  await store.database.sql`update jobs set run_at = now() where state = 'pending'`
  const handlers = makeHandlers({
    'deliver.webhook': handleDeliverWebhook({
      outbound,
      lanes: createLanes({ most: 100, endpointMost: 100, slowMost: 100, slowMs: 60_000 }, systemClock.monotonicMs),
      sealer,
      securityEventForm: securityEventForm({ issuer, keys, sealer }),
      clock: systemClock,
      log: createLogger({ service: 'test', level: 'silent' }),
      actSeconds: 5,
    }),
  })
  return perform(store.database, 'notifier', handlers)
}

async function makeReceiver(authorization?: string) {
  const id = newId('webhookEndpoint')
  const { id: createdBy } = await makeAccount(store.database)
  await inTransaction(store.database, (tx) =>
    insertWebhookEndpoint(tx, {
      id,
      format: 'security_event',
      url: receiver.url,
      description: 'Test',
      events: ['*'],
      actions: ['session_revoked'],
      audience,
      ...(authorization !== undefined && {
        authorizationSealed: sealWebhookSecret(sealer, id, Buffer.from(authorization), 'authorization_sealed'),
      }),
      createdBy,
    }),
  )
}

async function happen() {
  const { id: accountId } = await makeAccount(store.database)
  const subject = { kind: 'session', id: newId('session') }
  await inTransaction(store.database, (tx) =>
    recordFacts(tx, [{ action: 'session_revoked', accountId, actor: 'account', subject, requestId: 'req-12345678' }]),
  )
}

async function delivery() {
  const [row] = await store.database.sql`
    select state, attempts, last_status as status, last_error_code as code from webhook_deliveries`
  return row
}

describe('a security event', () => {
  it('is pushed as RFC 8935 has it: the token alone, verified by jose, and 202 is its receipt', async () => {
    await makeReceiver('Bearer of-the-receiver')
    await happen()
    await work()
    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' }
    expect(headers).toMatchObject({
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      authorization: 'Bearer of-the-receiver',
    })
    const options = { algorithms: ['EdDSA'], issuer, audience, typ: 'secevent+jwt' }
    const { payload } = await jwtVerify(body, createLocalJWKSet({ keys: [...keys.published] }), options)
    expect(payload).toMatchObject({ txn: 'req-12345678', sub_id: { format: 'complex' } })
    expect(await delivery()).toEqual({ state: 'delivered', attempts: 1, status: 202, code: null })
  })

  it('is sent without Authorization where none is asked for', async () => {
    await makeReceiver()
    await happen()
    await work()
    expect(receiver.received.at(-1)?.headers).not.toHaveProperty('authorization')
  })

  it('that is refused is kept with the code of the standard, and comes again as the same token', async () => {
    await makeReceiver()
    await happen()
    receiver.answer((response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ err: 'invalid_key', description: 'a text of the receiver' }))
    })
    await work()
    expect(await delivery()).toEqual({ state: 'pending', attempts: 1, status: 400, code: 'set_invalid_key' })
    receiver.answer((response) => void response.writeHead(202).end())
    await work()
    const [again, first] = receiver.received.toReversed()
    expect(again?.body).toBe(first?.body)
    expect(await delivery()).toEqual({ state: 'delivered', attempts: 2, status: 202, code: null })
  })

  it.each([
    ['a code of its own', JSON.stringify({ err: 'my_own_words' })],
    ['no JSON', 'x'.repeat(100_000)],
  ])('that is refused with %s is kept with the status alone', async (_, answer) => {
    await makeReceiver()
    await happen()
    receiver.answer((response) => void response.writeHead(400).end(answer))
    await work()
    expect(await delivery()).toMatchObject({ state: 'pending', status: 400, code: 'http_400' })
  })

  it('whose refusal never ends costs a second and its connection, not the delivery', async () => {
    await makeReceiver()
    await happen()
    receiver.answer((response) => void response.writeHead(400).write('{"err":'))
    await work()
    expect(await delivery()).toMatchObject({ state: 'pending', status: 400, code: 'http_400' })
  })
})
