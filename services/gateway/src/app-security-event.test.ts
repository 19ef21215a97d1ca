import { createSigningKeys } from '@portcullis/domain/security-event/signing-key'
import { openWebhookSecret } from '@portcullis/domain/webhook/secret'
import { asId } from '@portcullis/contracts/ids'
import { randomToken } from '@portcullis/runtime/random'
import { createSealer } from '@portcullis/runtime/seal'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const path = '/v1/admin/webhooks'
const webhookSealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(8) }] })
const masters = [1, 2].map(() => new Secret(randomToken(32))) as [Secret, Secret]
const keys = createSigningKeys({ MASTER_KEY: masters[0], MASTER_KEYS_OLD: [masters[1]] })
const wish = {
  format: 'security_event',
  url: 'https://events.acme.example/in',
  description: 'Product',
  events: ['account.locked', 'session.revoked', 'login.failed'],
  audience: 'https://product.acme.example',
}
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database, { webhookSealer, signingKeys: keys.published })
  admin = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${admin.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${admin.sessionId}`
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`delete from webhook_endpoints`
  await store.database.sql`delete from jobs`
})

const call = (method: string, at: string, body?: unknown) =>
  send(gateway, method, at, { token: admin.token, ...(body !== undefined && { body }) })

describe('what anybody may read', () => {
  it('is the public keys, those of former master keys too, kept for five minutes', async () => {
    const { status, body, headers } = await send(gateway, 'GET', '/.well-known/jwks.json')
    expect([status, body]).toEqual([200, { keys: keys.published }])
    expect(body.keys).toHaveLength(2)
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    for (const key of body.keys) expect(key).not.toHaveProperty('d')
  })

  it('is how events are sent, as SSF has it', async () => {
    const { status, body, headers } = await send(gateway, 'GET', '/.well-known/ssf-configuration')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      issuer: 'https://account.acme.example',
      jwks_uri: 'https://account.acme.example/.well-known/jwks.json',
      delivery_methods_supported: ['urn:ietf:rfc:8935'],
    })
    expect(headers.get('cache-control')).toBe('public, max-age=300')
  })
})

describe('a receiver of security events', () => {
  it('is made without a secret, told only what has an event, and owed a verification at once', async () => {
    const { status, body } = await call('POST', path, wish)
    expect([status, body]).toEqual([201, expect.objectContaining({ ...wish, state: 'active' })])
    expect(body).not.toHaveProperty('secret')
    const [row] = await store.database.sql`select actions, secret_sealed, authorization_sealed from webhook_endpoints`
    expect(row).toEqual({
      actions: ['account_locked', 'session_revoked', 'session_evicted'],
      secret_sealed: null,
      authorization_sealed: null,
    })
    const owed = await store.database.sql`
      select event.action, event.subject_id from webhook_deliveries as delivery
      join audit_events as event on event.id = delivery.audit_event_id`
    expect([...owed]).toEqual([{ action: 'webhook_endpoint_created', subject_id: hyphenated(body.id) }])
    expect((await call('GET', path)).body.items).toMatchObject([{ format: 'security_event', audience: wish.audience }])
  })

  it('keeps what it wants as Authorization sealed, and nobody is shown it', async () => {
    const authorization = `Bearer ${randomToken(24)}`
    const { body } = await call('POST', path, { ...wish, authorization })
    const [row] = await store.database.sql`select authorization_sealed as sealed from webhook_endpoints`
    const id = asId('webhookEndpoint', hyphenated(body.id))
    const opened = openWebhookSecret(webhookSealer, id, row?.['sealed'], 'authorization_sealed')
    expect(Buffer.from(opened).toString()).toBe(authorization)
    const shown = JSON.stringify([
      body,
      (await call('GET', path)).body,
      await store.database.sql`select * from audit_events`,
    ])
    expect(shown + gateway.logged.join('')).not.toContain(authorization.slice(7))
  })

  it('can be changed and tested, and has no secret to rotate', async () => {
    const { body } = await call('POST', path, wish)
    const changed = await call('PATCH', `${path}/${body.id}`, { events: ['*'] })
    expect([changed.status, changed.body.events]).toEqual([200, ['*']])
    expect((await call('PATCH', `${path}/${body.id}`, { events: ['login.failed'] })).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/events', code: 'no_security_event' }],
    })
    expect((await call('POST', `${path}/${body.id}/test`)).status).toBe(202)
    expect((await call('POST', `${path}/${body.id}/secret`, {})).status).toBe(404)
  })

  it.each([
    ['/audience', { audience: undefined }],
    ['/audience', { audience: 'a b' }],
    ['/audience', { format: 'webhook' }],
    ['/authorization', { format: 'webhook', audience: undefined, authorization: 'Bearer x' }],
    ['/authorization', { authorization: 'Bearer x\r\nHost: evil' }],
    ['/format', { format: 'kafka' }],
    ['/events', { events: ['login.failed'] }],
    ['/url', { url: 'https://169.254.169.254/' }],
  ])('that breaks the rule of %s is refused, and nothing is made', async (pointer, given) => {
    const { status, body } = await call('POST', path, { ...wish, ...given })
    expect([status, body.errors?.map((one: { pointer: string }) => one.pointer)]).toEqual([422, [pointer]])
    const [row] = await store.database.sql`select count(*)::int as count from webhook_endpoints`
    expect(row?.['count']).toBe(0)
  })
})
