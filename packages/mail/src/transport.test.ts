import { generateKeyPairSync } from 'node:crypto'
import { Failure } from '@portcullis/contracts/errors'
import { Secret } from '@portcullis/runtime/secret'
import { afterEach, expect, test } from 'vitest'
import { openInbox, type Inbox } from '@portcullis/testkit/inbox'
import type { Mail } from './compose.ts'
import { messageIdFor } from './message-id.ts'
import { renderPasswordReset } from './template/password-reset/render.ts'
import { createMailer, type Mailer, type MailerOptions } from './transport.ts'

const link = new URL(`https://account.acme.example/reset?token=${'A1-b_2'.repeat(40)}&a=1`)
const mail: Mail = {
  messageId: messageIdFor('password-reset', '01980000-0000-7000-8000-000000000001', 'mail.acme.example'),
  to: 'owner@inbox.example',
  language: 'en',
  rendered: renderPasswordReset({
    language: 'en',
    name: 'Zoë',
    link,
    validMinutes: 30,
    requestedAt: new Date('2026-11-22T09:14:00Z'),
    place: 'Hamburg, Germany',
    device: 'Firefox on Linux',
    product: 'Acme',
  }),
}

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of toClose.splice(0).toReversed()) await one.close()
})

async function open(options: Partial<MailerOptions> = {}): Promise<{ inbox: Inbox; mailer: Mailer }> {
  const inbox = await openInbox()
  const mailer = createMailer({
    smtpUrl: new Secret(inbox.url),
    from: 'Acme <no-reply@acme.example>',
    connectionsMost: 2,
    timeoutMs: 2000,
    clock: { now: () => new Date('2026-11-22T09:15:16Z'), monotonicMs: () => 0 },
    ...options,
  })
  toClose.push(inbox, mailer)
  return { inbox, mailer }
}

test('a mail arrives with exactly the headers that are meant', async () => {
  const { inbox, mailer } = await open()
  expect(await mailer.send(mail)).toMatchObject({ kind: 'sent', response: expect.stringMatching(/^250 /) })
  const [got] = inbox.received
  const headers = Object.fromEntries(got?.parsed.headers.map(({ key, value }) => [key, value]) ?? [])
  expect(headers).toEqual({
    from: 'Acme <no-reply@acme.example>',
    to: 'owner@inbox.example',
    subject: 'Reset your Acme password',
    'message-id': '<password-reset.01980000-0000-7000-8000-000000000001@mail.acme.example>',
    date: 'Sun, 22 Nov 2026 09:15:16 +0000',
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    'content-language': 'en',
    'mime-version': '1.0',
    'content-type': expect.stringMatching(/^multipart\/alternative; boundary=/),
  })
  expect(got?.parsed.headers).toHaveLength(10)
  expect(got?.from).toBe('no-reply@acme.example')
})

test('text and HTML arrive as they were rendered, the link whole', async () => {
  const { inbox, mailer } = await open()
  await mailer.send(mail)
  const parsed = inbox.received[0]?.parsed
  expect(parsed?.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(mail.rendered.text.trimEnd())
  expect(parsed?.html?.replaceAll('\r\n', '\n').trimEnd()).toBe(mail.rendered.html.trimEnd())
  expect(parsed?.text?.split(/\r?\n/)).toContain(link.href)
  expect(parsed?.attachments).toEqual([])
})

test.each(['v@x.example,w@y.example', '"a,b"@x.example', 'a;b@x.example', 'v@x.example,"w@y.example'])(
  'a comma in the address makes no second recipient: %s',
  async (to) => {
    const { inbox, mailer } = await open()
    const sent = await mailer.send({ ...mail, to })
    expect(inbox.received.map((one) => one.to.length)).toEqual(sent.kind === 'sent' ? [1] : [])
    for (const one of inbox.received) {
      expect(one.to[0]).not.toMatch(/^[vw]@/)
      expect(one.parsed.to).toHaveLength(1)
    }
  },
)

test.each<[string, Partial<Mail>]>([
  ['CRLF in the address', { to: 'a@b.example\r\nBcc: x@y.example' }],
  ['a quoted CRLF in the address', { to: '"a\r\nSubject: x"@b.example' }],
  ['NUL in the address', { to: 'v@x.example\u0000w@y.example' }],
  ['a space in the address', { to: 'v@x.example w@y.example' }],
  ['angle brackets in the address', { to: 'v@x.example> SIZE=1 <w@y.example' }],
  ['an address without a domain', { to: 'v@' }],
  ['LF in the subject', { rendered: { ...mail.rendered, subject: 'Hello\nBcc: x@y.example' } }],
  ['DEL in the subject', { rendered: { ...mail.rendered, subject: 'Hello\u007f' } }],
  ['CRLF in the Message-ID', { messageId: '<a@b>\r\nBcc: x@y.example' }],
  ['CRLF in the language', { language: 'en\r\nBcc: x@y.example' }],
])('%s is refused and nothing is sent', async (_name, change) => {
  const { inbox, mailer } = await open()
  const refusal = await mailer.send({ ...mail, ...change }).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Failure)
  expect(refusal).toMatchObject({ code: 'validation_failed' })
  expect(String(refusal)).not.toMatch(/x\.example|b\.example/)
  expect(inbox.connections()).toBe(0)
})

test('mails share connections, and no more are opened than allowed', async () => {
  const { inbox, mailer } = await open()
  await Promise.all(Array.from({ length: 20 }, () => mailer.send(mail)))
  expect(inbox.received).toHaveLength(20)
  expect(inbox.connections()).toBe(2)
})

test('a connection is replaced after the mails it may carry', async () => {
  const { inbox, mailer } = await open({ connectionsMost: 1, messagesPerConnectionMost: 2 })
  for (let count = 0; count < 4; count += 1) await mailer.send(mail)
  expect(inbox.connections()).toBe(2)
})

test('with a key every mail is signed, and the signature covers what identifies it', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const { inbox, mailer } = await open({
    dkim: { domainName: 'acme.example', keySelector: 's1', privateKey: new Secret(pem) },
  })
  expect(await mailer.send(mail)).toMatchObject({ kind: 'sent' })
  const signature = inbox.received[0]?.parsed.headers.find(({ key }) => key === 'dkim-signature')?.value ?? ''
  expect(signature).toMatch(/\bd=acme\.example;/)
  expect(signature).toMatch(/\bs=s1;/)
  expect(signature).toMatch(/\bh=[^;]*from:[^;]*subject[^;]*message-id/i)
})

test('verify tells whether the server is there', async () => {
  const { inbox, mailer } = await open()
  expect(await mailer.verify()).toBe(true)
  await inbox.close()
  expect(await mailer.verify()).toBe(false)
  await mailer.close()
  expect(await mailer.verify()).toBe(false)
})

test.each([
  '',
  'nobody',
  'a@b.example, c@d.example',
  'A <a@b.example>\r\nBcc: x@y.example',
  '<a@b.example> <c@d.example>',
])('a sender that is not one mailbox is refused at start: %j', (from) => {
  expect(() => createMailer({ smtpUrl: new Secret('smtp://localhost'), from, connectionsMost: 1 })).toThrow(Failure)
})
