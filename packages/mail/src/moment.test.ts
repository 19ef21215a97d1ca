import { expect, test } from 'vitest'
import { formatMoment } from './moment.ts'

test.each([
  ['2026-11-22T09:14:59Z', '22 November 2026, 09:14 UTC'],
  ['2027-01-01T00:00:00+01:00', '31 December 2026, 23:00 UTC'],
  ['2026-03-05T00:05:00Z', '5 March 2026, 00:05 UTC'],
])('%s reads %s whatever the zone of the machine', (at, words) => {
  expect(formatMoment(new Date(at), 'en')).toBe(words)
})

test('in German it reads as Germans write it', () => {
  expect(formatMoment(new Date('2026-11-22T09:14:59Z'), 'de')).toBe('22. November 2026, 09:14 UTC')
  expect(formatMoment(new Date('2026-03-05T00:05:00Z'), 'de')).toBe('5. März 2026, 00:05 UTC')
})
