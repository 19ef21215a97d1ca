import { expect, it } from 'vitest'
import { inWords, momentOf } from './report-part.ts'

it.each([
  [{ revoked: 3, living: 0 }, 'revoked 3, living 0'],
  [
    { step: 'api_keys', proof: { living: 0, onRentals: 2 }, counts: {}, because: 'lockdown' },
    'step api_keys, living 0, on rentals 2, because lockdown',
  ],
  [{ factors: ['password', 'totp'], unconfirmed_rentals: [] }, 'factors password + totp, unconfirmed rentals none'],
  [{ hosts: [{ host: 'a.example', rentalId: 'srv-1' }] }, 'hosts (host a.example, rental id srv-1)'],
  [
    { secondFactor: false, mailedAt: '2026-11-22T17:54:27.905Z' },
    'second factor no, mailed at 2026-11-22 17:54:27.905 UTC',
  ],
  [{ lastSeenAt: '2026-11-22T17:54:27.026398+00:00' }, 'last seen at 2026-11-22 17:54:27.026 UTC'],
  [{ txn: 'x', lockdownId: 'y', ip: null, country: undefined }, ''],
])('%j is told in words', (record, words) => {
  expect(inWords(record)).toBe(words)
})

it('a moment is told in UTC, to the millisecond', () => {
  expect(momentOf('2026-11-22T17:54:27.729Z')).toBe('2026-11-22 17:54:27.729 UTC')
})
