import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { coarseIp, openPlaces } from './place.ts'

const places = await openPlaces()

test.each([
  ['8.8.8.8', 'US', 'United States'],
  ['193.0.6.139', 'NL', 'Netherlands'],
  ['::ffff:193.0.6.139', 'NL', 'Netherlands'],
  ['::FFFF:c100:068b', 'NL', 'Netherlands'],
  ['2001:67c:2e8::1', 'NL', 'Netherlands'],
])('%s is in %s', (ip, country, text) => {
  expect(places.of(ip)).toEqual({ country, text })
})

test.each([
  undefined,
  '',
  'localhost',
  '8.8.8',
  '8.8.8.8.8',
  '8.8.8.8, 193.0.6.139',
  '08.8.8.8',
  '1:2',
  '[2001:67c:2e8::1]',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '127.0.0.1',
  '169.254.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.9',
  '::1',
  '::',
  'fe80::1%eth0',
  'fd00::1',
  'ff02::1',
  '2001:db8::1',
  '::ffff:10.0.0.1',
])('%s is an unknown place', (ip) => {
  expect(places.of(ip)).toEqual({ country: undefined, text: 'an unknown place' })
})

test('any address and any text get an answer that fits in a sentence', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())
  fc.assert(
    fc.property(address, (ip) => {
      const place = places.of(ip)
      expect(place.text).toMatch(/^[\p{L}][\p{L} .,’'&()-]*$/u)
      expect(place.country ?? 'XX').toMatch(/^[A-Z]{2}$/)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:DB8::5', '2001:db8::/48'],
  ['::1', '::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['nobody', 'unknown'],
  ['', 'unknown'],
])('%s is kept as %s', (ip, network) => {
  expect(coarseIp(ip)).toBe(network)
})

test('addresses of one network are kept as one text', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }),
      (a, tail) => {
        const write = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').match(/.{4}/g)?.join(':') ?? ''
        const b = Uint8Array.from([...a.subarray(0, 6), ...tail])
        fc.pre(a.subarray(0, 10).some((byte) => byte !== 0) && b.subarray(0, 10).some((byte) => byte !== 0))
        expect(coarseIp(write(a))).toBe(coarseIp(write(b)))
        expect(coarseIp(write(a))).toMatch(/\/48$/)
      },
    ),
  )
})
