import { asId } from '@portcullis/contracts/ids'
import type { ResetWithAccount } from '@portcullis/db/queries/password-reset'
import { expect, it } from 'vitest'
import { judgeResets } from './rules.ts'

const account = asId('account', 'acc-1')
const noon = Date.UTC(2026, 0, 1, 12)
let made = 0

function reset(given: Partial<ResetWithAccount> = {}): ResetWithAccount {
  made += 1
  return {
    id: asId('passwordReset', `reset-${made}`),
    state: 'requested',
    salt: new Uint8Array(16),
    tokenHash: null,
    ip: null,
    userAgent: null,
    requestedAt: new Date(noon),
    expired: false,
    accountId: account,
    accountState: 'active',
    email: 'ada@example.com',
    name: 'Ada',
    language: 'en',
    outdated: false,
    ...given,
  }
}

function judge(one: ResetWithAccount, ready = 0, newest?: number) {
  const recent = new Map([
    [account, { readyLastHour: ready, newestRequestedAt: newest === undefined ? undefined : new Date(newest) }],
  ])
  return judgeResets([one], recent, 5).get(one.id)
}

it.each([
  ['an account’s request is mailed', reset(), 0, 'mail'],
  ['the fifth mail of an hour still goes', reset(), 4, 'mail'],
  ['the sixth does not', reset(), 5, 'limited'],
  ['an address without an account gets nothing', reset({ accountId: null, accountState: null }), 0, 'unknown'],
  ['a disabled account gets nothing', reset({ accountState: 'disabled' }), 0, 'unknown'],
  ['a locked account gets its recovery mail, and no reset', reset({ accountState: 'locked' }), 9, 'locked'],
  [
    'a ready one of a locked account is not mailed again',
    reset({ state: 'ready', accountState: 'locked' }),
    0,
    'superseded',
  ],
  ['a password changed since makes a request void', reset({ outdated: true }), 0, 'superseded'],
  ['a ready one is mailed again, whatever the limit', reset({ state: 'ready' }), 9, 'mail_again'],
  ['an expired one is not', reset({ state: 'ready', expired: true }), 0, 'expired'],
  ['a used one is not', reset({ state: 'used' }), 0, 'superseded'],
  ['one that a newer voided is not', reset({ state: 'void' }), 0, 'superseded'],
] as const)('%s', (_guarantee, one, ready, verdict) => {
  expect(judge(one, ready)).toBe(verdict)
})

it('a request that a newer one has overtaken gets no mail, whichever worker was faster', () => {
  expect(judge(reset(), 1, noon + 1)).toBe('superseded')
  expect(judge(reset(), 1, noon - 1)).toBe('mail')
})

it('of several requests that arrive together only the newest is mailed', () => {
  const [older, newer] = [reset(), reset({ requestedAt: new Date(noon + 1) })]
  const verdicts = judgeResets([older, newer], new Map(), 5)
  expect([verdicts.get(older.id), verdicts.get(newer.id)]).toEqual(['superseded', 'mail'])
})
