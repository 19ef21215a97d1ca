import { asId } from '@portcullis/contracts/ids'
import {
  actionsOf,
  testEvent,
  webhookEventNames,
  webhookEventOf,
  webhookEvents,
  webhookPayloadSchema,
} from '@portcullis/contracts/webhook-event'
import { describe, expect, it } from 'vitest'
import { webhookBody } from './payload.ts'

const uuid = '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'
const event = {
  id: asId('auditEvent', uuid),
  action: 'session_revoked',
  occurredAt: new Date('2026-11-22T09:14:07.123Z'),
  accountId: asId('account', uuid),
  actor: 'account',
  subjectKind: 'session',
  subjectId: uuid,
  requestId: null,
  details: { because: 'owner', by: uuid },
} as const

const hex = uuid.replaceAll('-', '')

describe('a body', () => {
  it('tells what, when, whose and what to ask about, by ids as callers know them', () => {
    expect(JSON.parse(webhookBody(event) ?? '')).toEqual({
      type: 'session.revoked',
      timestamp: '2026-11-22T09:14:07.123Z',
      data: {
        id: `evt_${hex}`,
        accountId: `acc_${hex}`,
        subject: { kind: 'session', id: `ses_${hex}` },
        actor: 'account',
        details: { because: 'owner' },
      },
    })
  })

  it('is the same, byte for byte, for every attempt', () => {
    expect(webhookBody(event)).toBe(webhookBody(structuredClone(event)))
  })

  it('names the lockdown that it is part of', () => {
    const body = webhookBody({ ...event, details: { lockdownId: uuid, txn: uuid, trigger: 'link' } })
    expect(JSON.parse(body ?? '').data).toMatchObject({
      lockdownId: `lck_${hex}`,
      details: { txn: uuid, trigger: 'link' },
    })
  })

  it('leaves out whatever is no count, no yes or no and no known code', () => {
    const details = {
      revoked: 3,
      keptCurrent: true,
      network: '203.0.113.0/24',
      fingerprint: 'SHA256:abc',
      because: 'a sentence with spaces',
      scopes: ['account:read'],
      nested: { because: 'owner' },
    }
    expect(JSON.parse(webhookBody({ ...event, details }) ?? '').data.details).toEqual({ revoked: 3, keptCurrent: true })
  })

  it('of any event is of the schema that is documented, and far below 20 kB', () => {
    for (const action of [...actionsOf(['*']), testEvent.action]) {
      const body = webhookBody({ ...event, action }) ?? ''
      expect(() => webhookPayloadSchema.parse(JSON.parse(body))).not.toThrow()
      expect(body.length).toBeLessThan(2000)
    }
  })

  it('is not made of what nobody can subscribe to', () => {
    for (const action of ['authn_password_reset_requested', 'mail_sent', 'webhook_dead', 'constructor', '__proto__']) {
      expect(webhookBody({ ...event, action })).toBeUndefined()
    }
  })
})

describe('the catalogue', () => {
  it('has one name for an action, and none about webhooks themselves, which would feed on each other', () => {
    const actions = webhookEventNames.flatMap((name) => [...webhookEvents[name].actions])
    expect(new Set(actions).size).toBe(actions.length)
    expect(actions.filter((action) => /^(webhook|mail|support)/.test(action))).toEqual([])
    for (const name of webhookEventNames) {
      for (const action of webhookEvents[name].actions) expect(webhookEventOf(action)).toBe(name)
    }
  })

  it('expands what was subscribed to', () => {
    expect(actionsOf(['session.revoked', 'account.locked', 'session.revoked'])).toEqual([
      'session_revoked',
      'session_evicted',
      'account_locked',
    ])
    expect(actionsOf(['*'])).toHaveLength(new Set(actionsOf([...webhookEventNames])).size)
  })
})
