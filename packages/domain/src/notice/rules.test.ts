import type { Id } from '@portcullis/contracts/ids'
import type { UnmailedNotice } from '@portcullis/db/queries/notice-mail'
import { newId } from '@portcullis/runtime/id'
import { expect, test } from 'vitest'
import { groupKey, judgeNotices, type NoticeFacts } from './rules.ts'

const accountId = newId('account')
const restSeconds = 600

function make(given: Partial<UnmailedNotice> = {}): UnmailedNotice {
  const id = newId('notice')
  return { id, accountId, kind: 'new_device', to: null, lockdownId: null, claimed: false, muted: false, ...given }
}

function judge(asked: readonly UnmailedNotice[], facts: Partial<NoticeFacts> = {}) {
  const unmailed = facts.unmailed ?? asked
  const due = new Set(unmailed.map((one) => one.id))
  const verdicts = judgeNotices(
    asked.map((one) => one.id),
    { unmailed, due, sinceMail: new Map(), restSeconds, ...facts },
  )
  return asked.map((one) => verdicts.get(one.id))
}

const sinceMail = (notice: UnmailedNotice, seconds: number) => new Map([[groupKey(notice), seconds]])

test('the first leads and takes along all alike, asked for or not; the others are told of', () => {
  const [a, b, c] = [make(), make(), make()]
  expect(judge([a, b], { unmailed: [a, b, c] })).toEqual([{ kind: 'mail', folded: [b.id, c.id] }, { kind: 'told' }])
})

test.each<[string, Partial<UnmailedNotice>]>([
  ['account', { accountId: newId('account') }],
  ['kind', { kind: 'new_country' }],
  ['recipient', { to: 'new' }],
  ['lockdown', { lockdownId: newId('lockdown') }],
])('notices that differ in %s share no mail', (_what, other) => {
  const [a, b] = [make(), make(other)]
  expect(judge([a, b])).toEqual([
    { kind: 'mail', folded: [] },
    { kind: 'mail', folded: [] },
  ])
})

test('a mail that was begun is sent again as it was, and takes nobody along', () => {
  const [begun, later] = [make({ claimed: true }), make()]
  expect(judge([begun, later], { sinceMail: sinceMail(begun, 10) })).toEqual([
    { kind: 'mail_again' },
    { kind: 'later', delayMs: 590_000, why: 'resting' },
  ])
})

test.each([
  [0, { kind: 'later', delayMs: 600_000, why: 'resting' }],
  [599.5, { kind: 'later', delayMs: 500, why: 'resting' }],
  [600, { kind: 'mail', folded: [] }],
])('%d seconds after a mail alike', (seconds, verdict) => {
  const notice = make()
  expect(judge([notice], { sinceMail: sinceMail(notice, seconds) })).toEqual([verdict])
})

test('what is urgent never rests', () => {
  const notice = make({ kind: 'password_changed' })
  expect(judge([notice], { sinceMail: sinceMail(notice, 0) })).toEqual([{ kind: 'mail', folded: [] }])
})

test('muting holds for what is not about security, and for nothing else', () => {
  const [courtesy, security] = [make({ kind: 'backup_codes_low', muted: true }), make({ muted: true })]
  expect(judge([courtesy, security])).toEqual([{ kind: 'muted' }, { kind: 'mail', folded: [] }])
})

test('what is mailed or gone is left alone; what was not locked this time waits and is never lost', () => {
  const [over, beyond] = [make(), make()]
  const due = new Set<Id<'notice'>>([beyond.id])
  expect(judge([over, beyond], { unmailed: [], due })).toEqual([
    { kind: 'told' },
    { kind: 'later', delayMs: 1000, why: 'crowded' },
  ])
})
