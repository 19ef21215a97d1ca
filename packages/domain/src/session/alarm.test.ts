import type { LoginHistory } from '@portcullis/db/queries/login-history'
import { expect, test } from 'vitest'
import { judgeLogin } from './alarm.ts'

const hour = 3600
const day = 24 * hour
const usual: LoginHistory = {
  logins: 10,
  fromDevice: 3,
  fromCountry: 3,
  failures: 0,
  lastSecondsAgo: day,
  lastCountry: 'DE',
  accountDays: 400,
}

test.each<[string, Partial<LoginHistory>, string | null, string | undefined]>([
  ['what is as ever is no alarm', {}, 'DE', undefined],
  [
    'a first login is none',
    { logins: 0, fromDevice: 0, fromCountry: 0, lastSecondsAgo: null, lastCountry: null, accountDays: 1 },
    'DE',
    undefined,
  ],
  ['a device that was never seen', { fromDevice: 0 }, 'DE', 'new_device'],
  ['a country that was never seen', { fromCountry: 0, fromDevice: 0 }, 'FR', 'new_country'],
  ['no known place is no new country', { fromCountry: 0 }, null, undefined],
  ['Germany and Japan within an hour', { lastSecondsAgo: hour }, 'JP', 'impossible_travel'],
  ['Germany and Japan within a moment', { lastSecondsAgo: 0 }, 'JP', 'impossible_travel'],
  ['Germany and Japan within a day', { lastSecondsAgo: day }, 'JP', undefined],
  ['neighbours within a moment', { lastSecondsAgo: 0 }, 'FR', undefined],
  ['neighbours of great countries within a moment', { lastCountry: 'RU', lastSecondsAgo: 0 }, 'CN', undefined],
  ['the same country within a moment', { lastCountry: 'US', lastSecondsAgo: 0 }, 'US', undefined],
  ['a place of which nothing is known', { lastSecondsAgo: 0 }, 'XX', undefined],
  ['four failures before', { failures: 4 }, 'DE', undefined],
  ['five failures before', { failures: 5 }, 'DE', 'login_after_failures'],
  ['ninety days of silence', { lastSecondsAgo: 90 * day + hour, logins: 0 }, 'DE', undefined],
  ['ninety-one days of silence', { lastSecondsAgo: 91 * day, logins: 0 }, 'DE', 'login_after_absence'],
  ['silence beyond the history', { logins: 0, lastSecondsAgo: null, lastCountry: null }, 'DE', 'login_after_absence'],
  [
    'the gravest is told',
    { failures: 9, fromDevice: 0, fromCountry: 0, lastSecondsAgo: hour },
    'JP',
    'impossible_travel',
  ],
])('%s', (_what, change, country, kind) => {
  expect(judgeLogin({ ...usual, ...change }, country)?.kind).toBe(kind)
})

test('an alarm says what it is about', () => {
  expect(judgeLogin({ ...usual, lastSecondsAgo: hour }, 'JP')?.details).toEqual({
    formerCountry: 'DE',
    minutesBetween: 60,
  })
  expect(judgeLogin({ ...usual, failures: 7 }, 'DE')?.details).toEqual({ failures: 7 })
  expect(judgeLogin({ ...usual, lastSecondsAgo: 100 * day }, 'DE')?.details).toEqual({ inactiveDays: 100 })
})
