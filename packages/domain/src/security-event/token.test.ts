import { securityEventActions, securityEventOf } from '@portcullis/contracts/security-event'
import type { DueDelivery } from '@portcullis/db/queries/webhook-delivery'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomToken } from '@portcullis/runtime/random'
import { Secret } from '@portcullis/runtime/secret'
import { calculateJwkThumbprint, createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createSigningKeys, type SigningKeys } from './signing-key.ts'
import { securityEventToken } from './token.ts'

const issuer = 'https://account.acme.example'
const audience = 'https://product.acme.example'
const master = () => new Secret(randomToken(32))
const first = master()
const keys = createSigningKeys({ MASTER_KEY: first, MASTER_KEYS_OLD: [] })
const caep = 'https://schemas.openid.net/secevent/caep/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'

function deliveryOf(event: Partial<DueDelivery['event']> = {}) {
  return {
    id: newId('webhookDelivery'),
    endpointId: newId('webhookEndpoint'),
    audience,
    event: {
      id: newId('auditEvent'),
      action: 'account_locked',
      occurredAt: new Date('2026-11-22T09:14:07.123Z'),
      accountId: newId('account'),
      actor: 'account',
      subjectKind: 'lockdown',
      subjectId: newId('lockdown'),
      requestId: 'req-4711',
      details: {},
      ...event,
    },
  } as const
}

const tokenOf = (event: Partial<DueDelivery['event']> = {}, signing: SigningKeys = keys) =>
  securityEventToken({ delivery: deliveryOf(event), issuer, keys: signing }) ?? ''

const verify = (token: string, given: { readonly audience?: string; readonly keys?: SigningKeys } = {}) =>
  jwtVerify(token, createLocalJWKSet({ keys: [...(given.keys ?? keys).published] }), {
    algorithms: ['EdDSA'],
    issuer,
    audience: given.audience ?? audience,
    typ: 'secevent+jwt',
    requiredClaims: ['iss', 'iat', 'jti', 'aud', 'events'],
  })

describe('a security event token', () => {
  it('is verified by jose with the published keys, and is what RFC 8417 and the SSF profile ask for', async () => {
    const delivery = deliveryOf()
    const token = securityEventToken({ delivery, issuer, keys }) ?? ''
    const { payload, protectedHeader } = await verify(token)
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'secevent+jwt', kid: keys.published[0]?.kid })
    expect(payload).toEqual({
      iss: issuer,
      iat: 1_795_338_847,
      jti: `msg_${delivery.id.replaceAll('-', '')}`,
      aud: audience,
      txn: 'req-4711',
      sub_id: { format: 'opaque', id: `acc_${delivery.event.accountId?.replaceAll('-', '')}` },
      events: { [`${risc}account-disabled`]: { reason: 'hijacking' } },
    })
  })

  it('is the same for every attempt, so that a receiver knows a repeat', () => {
    const delivery = deliveryOf()
    const make = () => securityEventToken({ delivery, issuer, keys })
    expect(make()).toBe(make())
  })

  it.each(securityEventActions)('of %s holds exactly one event, no sub and no exp', async (action) => {
    const { payload } = await verify(tokenOf({ action, subjectKind: 'session', subjectId: newId('session') }))
    expect(Object.keys(payload['events'] as object)).toEqual([securityEventOf(action)?.type])
    expect(payload).not.toHaveProperty('sub')
    expect(payload).not.toHaveProperty('exp')
  })

  it('of a session names the session and its user', async () => {
    const [subjectId, accountId] = [newId('session'), newId('account')]
    const token = tokenOf({ action: 'session_revoked', subjectKind: 'session', subjectId, accountId })
    expect((await verify(token)).payload['sub_id']).toEqual({
      format: 'complex',
      session: { format: 'opaque', id: `ses_${subjectId.replaceAll('-', '')}` },
      user: { format: 'opaque', id: `acc_${accountId.replaceAll('-', '')}` },
    })
  })

  it('of a lockdown carries its txn, whatever request it came from', async () => {
    const details = { txn: newUuid(), lockdownId: newId('lockdown') }
    for (const action of ['account_locked', 'api_key_revoked', 'sessions_revoked']) {
      expect(decodeJwt(tokenOf({ action, details }))['txn']).toBe(details.txn)
    }
  })

  it('of a risk tells both levels and the reason', () => {
    const details = { level: 'high', previousLevel: 'low', reason: 'impossible_payment' }
    const { events } = decodeJwt(tokenOf({ action: 'risk_level_change', actor: 'api_client', details }))
    expect(events).toEqual({
      [`${caep}risk-level-change`]: {
        principal: 'USER',
        current_level: 'HIGH',
        previous_level: 'LOW',
        risk_reason: 'impossible_payment',
        event_timestamp: 1_795_338_847,
        initiating_entity: 'policy',
      },
    })
  })

  it.each([
    ['account_role_changed', { from: 'member', to: 'support' }, 'support'],
    ['admin_bootstrapped', {}, 'admin'],
  ])('of %s tells the role that tokens must claim from now on', (action, details, role) => {
    const { events } = decodeJwt(tokenOf({ action, actor: 'admin', details }))
    expect(events).toMatchObject({ [`${caep}token-claims-change`]: { claims: { role }, initiating_entity: 'admin' } })
  })

  it('is made of an account that staff enabled, but not while a lockdown holds it', () => {
    expect(decodeJwt(tokenOf({ action: 'account_enabled' }))['events']).toEqual({ [`${risc}account-enabled`]: {} })
    expect(tokenOf({ action: 'account_enabled_locked' })).toBe('')
  })

  it.each([
    ['ssh_key_revoked', { credential_type: 'ssh-key', change_type: 'revoke' }],
    ['api_key_created', { credential_type: 'api-key', change_type: 'create' }],
    ['authn_password_change', { credential_type: 'password', change_type: 'update' }],
    ['authn_factor_deleted', { credential_type: 'app', change_type: 'delete' }],
  ])('of %s tells which credential changed, and how', (action, claims) => {
    const { events } = decodeJwt(tokenOf({ action }))
    expect(events).toMatchObject({ [`${caep}credential-change`]: claims })
  })

  it('is not made of what no standard has an event for, nor of what belongs to no account', () => {
    expect(tokenOf({ action: 'mail_sent' })).toBe('')
    expect(tokenOf({ accountId: null })).toBe('')
  })

  it('to verify a stream names the stream', () => {
    const delivery = deliveryOf({ action: 'webhook_endpoint_created', accountId: null })
    const payload = decodeJwt(securityEventToken({ delivery, issuer, keys }) ?? '')
    expect(payload).toMatchObject({
      sub_id: { format: 'opaque', id: `whk_${delivery.endpointId.replaceAll('-', '')}` },
      events: {
        'https://schemas.openid.net/secevent/ssf/event-type/verification': {
          state: `evt_${delivery.event.id.replaceAll('-', '')}`,
        },
      },
    })
  })
})

describe('a token is refused by a receiver', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it('that is not its audience', async () => {
    await expect(verify(tokenOf(), { audience: 'https://other.example' })).rejects.toThrow(/aud/)
  })

  it('once one claim was changed', async () => {
    const [head = '', body = '', signature = ''] = tokenOf().split('.')
    const claims = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), aud: audience, txn: 'other' }
    await expect(verify([head, encode(claims), signature].join('.'))).rejects.toThrow(/signature/)
  })

  it('that says alg none', async () => {
    const [, body = ''] = tokenOf().split('.')
    const head = encode({ alg: 'none', typ: 'secevent+jwt' })
    await expect(verify(`${head}.${body}.`)).rejects.toThrow(/alg/)
  })

  it('that names a key which is not published', async () => {
    const [head = '', body, signature] = tokenOf().split('.')
    const other = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), kid: 'other' }
    await expect(verify([encode(other), body, signature].join('.'))).rejects.toThrow(/no applicable key/)
  })

  it('that was signed under another master key', async () => {
    const stranger = createSigningKeys({ MASTER_KEY: master(), MASTER_KEYS_OLD: [] })
    await expect(verify(tokenOf({}, stranger))).rejects.toThrow(/no applicable key/)
  })
})

describe('a signing key', () => {
  it('is named by its thumbprint (RFC 7638), and shows nothing of its seed', async () => {
    const [jwk] = keys.published
    if (!jwk) throw new Error('a key is published')
    expect(await calculateJwkThumbprint(jwk)).toBe(jwk.kid)
    expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  it('is the same in every process of the same master key', () => {
    const again = createSigningKeys({ MASTER_KEY: first, MASTER_KEYS_OLD: [] })
    expect(again.published).toEqual(keys.published)
    expect(again.sign('x').equals(keys.sign('x'))).toBe(true)
  })

  it('of a former master key verifies what it has signed, and signs nothing more', async () => {
    const rotated = createSigningKeys({ MASTER_KEY: master(), MASTER_KEYS_OLD: [first] })
    const old = tokenOf()
    expect((await verify(old, { keys: rotated })).payload.iss).toBe(issuer)
    const fresh = tokenOf({}, rotated)
    expect(decodeProtectedHeader(fresh).kid).toBe(rotated.published[0]?.kid)
    expect(rotated.published.map(({ kid }) => kid)).toContain(keys.kid)
    await expect(verify(fresh)).rejects.toThrow(/no applicable key/)
  })
})
