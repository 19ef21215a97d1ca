import { Secret } from '@portcullis/runtime/secret'
import { expect, test } from 'vitest'
import { parseSmtpUrl } from './smtp-url.ts'

const parse = (url: string) => parseSmtpUrl(new Secret(url))

test('host, port, credentials and TLS are read', () => {
  expect(parse('smtps://us%40er:p%3Aw@mail.example')).toEqual({
    host: 'mail.example',
    port: 465,
    secure: true,
    startTls: 'required',
    auth: { user: 'us@er', pass: 'p:w' },
  })
  expect(parse('smtp://[::1]:2525')).toEqual({
    host: '::1',
    port: 2525,
    secure: false,
    startTls: 'never',
    auth: undefined,
  })
})

test.each([
  ['smtp://user:word@mail.example', 'required'],
  ['smtp://mail.example', 'offered'],
  ['smtp://user:word@127.0.0.1', 'never'],
  ['smtp://user:word@mail.example?tls=offered', 'offered'],
  ['smtp://localhost?tls=required', 'required'],
])('a password never leaves this machine in clear unless that is said: %s is %s', (url, startTls) => {
  expect(parse(url).startTls).toBe(startTls)
})

test.each([
  'mail.example',
  'http://mail.example',
  'smtp://',
  'smtp://canary-word@mail.example/path',
  'smtp://user:canary-word@mail.example?debug=true',
  'smtp://user:canary-word@mail.example?tls=maybe',
  'smtp://user:canary-word%zz@mail.example',
])('what is not understood is refused and not repeated: %s', (url) => {
  expect(() => parse(url)).toThrow(/^mail: the SMTP URL (?!.*canary)/)
})
