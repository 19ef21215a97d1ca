import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeDevice } from './device.ts'

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0',
    'Microsoft Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'Chrome on macOS',
  ],
  ['curl/8.5.0', 'curl'],
  ['python-requests/2.32.0', 'a Python program'],
  ['node', 'a Node.js program'],
  [undefined, 'an unknown device'],
  ['', 'an unknown device'],
  [' \t', 'an unknown device'],
])('%s is %s', (header, words) => {
  expect(describeDevice(header)).toBe(words)
})

test.each(['evil.example/1.0', 'Call +1-555-0100/1.0', '<b>Win</b>/1', 'Bcc: x\r\n', 'curlier.example/1'])(
  'nothing that a caller wrote gets into the answer: %j',
  (header) => {
    expect(describeDevice(header)).toBe('an unknown device')
  },
)

test('only the first 512 bytes are read', () => {
  expect(describeDevice(`${'x'.repeat(512)} Firefox/140.0 (X11; Linux)`)).toBe('an unknown device')
})

test('any header gives a short answer in plain letters', () => {
  const pieces = fc.constantFrom(
    'Mozilla/5.0 (',
    'Firefox/1',
    'Linux',
    'Windows NT',
    ') ',
    '\r\n',
    '<a href=x>',
    '"',
    'Android',
    'curl/',
  )
  const header = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 30 })
  fc.assert(
    fc.property(
      header.map((parts) => parts.join('')),
      (text) => {
        expect(describeDevice(text)).toMatch(/^[A-Za-z0-9 .-]{3,60}$/)
      },
    ),
  )
})
