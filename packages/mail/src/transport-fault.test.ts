import { Secret } from '@portcullis/runtime/secret'
import { afterEach, expect, test } from 'vitest'
import { openInbox } from '@portcullis/testkit/inbox'
import { openDouble, type Act, type SmtpDouble, type Step } from '../test/smtp-double.ts'
import type { Mail } from './compose.ts'
import type { Sent } from './sent.ts'
import { createMailer, type Mailer } from './transport.ts'

const mail: Mail = {
  messageId: '<test.1@acme.example>',
  to: 'owner@inbox.example',
  language: 'en',
  rendered: { subject: 'A subject', text: 'canary-text\n', html: '<p>canary-html</p>' },
}

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of toClose.splice(0)) await one.close()
})

function mailerAt(url: string, timeoutMs = 2000): Mailer {
  const mailer = createMailer({
    smtpUrl: new Secret(url),
    from: 'no-reply@acme.example',
    connectionsMost: 1,
    timeoutMs,
  })
  toClose.push(mailer)
  return mailer
}

async function doubled(acts: Partial<Record<Step, Act>>): Promise<SmtpDouble> {
  const double = await openDouble(acts)
  toClose.push(double)
  return double
}

function failed(code: string, more: object = {}): object {
  return { kind: 'failed', code, permanent: false, ambiguous: false, ...more }
}

const refused = (smtpStatus: number): object => ({ kind: 'refused', code: 'smtp_refused', permanent: true, smtpStatus })

function expectClean(sent: Sent): void {
  expect(JSON.stringify(sent)).not.toMatch(/owner|inbox\.example|canary/)
}

test.each<[string, Partial<Record<Step, Act>>, object]>([
  [
    '4xx to the recipient',
    { rcpt: '451 4.3.0 owner@inbox.example try later' },
    failed('smtp_temporary', { smtpStatus: 451 }),
  ],
  ['4xx to the message', { dot: '452 4.2.2 full' }, failed('smtp_temporary', { smtpStatus: 452 })],
  ['4xx as greeting', { greeting: '450 busy' }, failed('smtp_temporary', { smtpStatus: 450 })],
  [
    '5xx as greeting is about us, not about the mail',
    { greeting: '554 no' },
    failed('smtp_temporary', { smtpStatus: 554 }),
  ],
  ['421 as greeting', { greeting: '421 closing' }, failed('smtp_temporary', { smtpStatus: 421 })],
  ['421 to the recipient', { rcpt: '421 closing' }, failed('smtp_temporary', { smtpStatus: 421 })],
  ['421 after the final dot is an answer', { dot: '421 closing' }, failed('smtp_temporary', { smtpStatus: 421 })],
  ['503', { rcpt: '503 sequence' }, failed('smtp_temporary', { smtpStatus: 503 })],
  ['530 at the sender', { mail: '530 authentication required' }, failed('smtp_auth', { smtpStatus: 530 })],
  ['5xx to the sender is about us', { mail: '550 sender' }, failed('smtp_sender_refused', { smtpStatus: 550 })],
  ['5xx to the recipient is for good', { rcpt: '550 5.1.1 owner@inbox.example unknown' }, refused(550)],
  ['5xx to DATA is for good', { data: '554 no valid recipients' }, refused(554)],
  ['5xx to the message is for good', { dot: '554 5.7.1 owner@inbox.example spam' }, refused(554)],
  ['a reset before the greeting', { greeting: 'reset' }, failed('smtp_disconnected')],
  ['a reset at the recipient', { rcpt: 'reset' }, failed('smtp_disconnected')],
  ['a hang-up at DATA', { data: 'hang-up' }, failed('smtp_disconnected')],
  ['a reset after the final dot', { dot: 'reset' }, failed('smtp_disconnected', { ambiguous: true })],
  ['a hang-up after the final dot', { dot: 'hang-up' }, failed('smtp_disconnected', { ambiguous: true })],
  ['an answer that is not SMTP', { greeting: '299 what' }, failed('smtp_disconnected')],
])('%s is judged so', async (_name, acts, expected) => {
  const double = await doubled(acts)
  const sent = await mailerAt(double.url).send(mail)
  expect(sent).toMatchObject(expected)
  expectClean(sent)
  expect(double.reached.dot).toBeLessThanOrEqual(1)
})

test.each<[string, Partial<Record<Step, Act>>, boolean]>([
  ['before the greeting', { greeting: 'silent' }, false],
  ['at the recipient', { rcpt: 'silent' }, false],
  ['after the final dot', { dot: 'silent' }, true],
  ['after the final dot, trickling', { dot: 'trickle' }, true],
  ['at the greeting, trickling', { ehlo: 'trickle' }, false],
])('a server that hangs %s ends the send by its deadline', async (_name, acts, ambiguous) => {
  const double = await doubled(acts)
  const startedAt = performance.now()
  const sent = await mailerAt(double.url, 150).send(mail)
  expect(sent).toEqual({ kind: 'failed', code: 'smtp_timeout', permanent: false, ambiguous })
  expect(performance.now() - startedAt).toBeLessThan(1500)
})

test('a refused connection is temporary', async () => {
  const inbox = await openInbox()
  await inbox.close()
  expect(await mailerAt(inbox.url).send(mail)).toEqual(failed('smtp_unreachable'))
})

test('a host that does not exist is temporary', async () => {
  expect(await mailerAt('smtp://no-such-host.invalid').send(mail)).toMatchObject({ kind: 'failed', permanent: false })
})

test('credentials that are not taken are temporary and are not repeated', async () => {
  const double = await doubled({ ehlo: '250 AUTH PLAIN', auth: '535 5.7.8 no' })
  const url = double.url.replace('//', '//user:canary-word@')
  const sent = await mailerAt(url).send(mail)
  expect(sent).toEqual(failed('smtp_auth', { smtpStatus: 535 }))
  expect(await mailerAt(url).verify()).toBe(false)
})

test('where encryption is required and not offered, neither credentials nor mail leave', async () => {
  const double = await doubled({ ehlo: '250 AUTH PLAIN' })
  const sent = await mailerAt(`${double.url.replace('//', '//user:word@')}?tls=required`).send(mail)
  expect(sent).toEqual(failed('smtp_tls', { smtpStatus: 502 }))
  expect([double.reached.auth, double.reached.mail]).toEqual([0, 0])
})

test('an aborted signal ends a send, and tells that it may have arrived once the final dot was sent', async () => {
  const double = await doubled({ dot: 'silent' })
  const mailer = mailerAt(double.url)
  expect(await mailer.send(mail, AbortSignal.abort())).toEqual(failed('smtp_aborted'))
  const stop = new AbortController()
  const sending = mailer.send(mail, stop.signal)
  await double.at('dot')
  stop.abort()
  expect(await sending).toEqual(failed('smtp_aborted', { ambiguous: true }))
})

test('the pool sends again after the server was restarted', async () => {
  const before = await openInbox()
  const mailer = mailerAt(before.url)
  expect(await mailer.send(mail)).toMatchObject({ kind: 'sent' })
  await before.close()
  expect(await mailer.send(mail)).toMatchObject({ kind: 'failed', permanent: false })
  const after = await openInbox(before.port)
  toClose.push(after)
  expect(await mailer.send(mail)).toMatchObject({ kind: 'sent' })
  expect(after.received).toHaveLength(1)
})

test('a refused mail does not hold up the next one on its connection', async () => {
  const double = await doubled({ rcpt: '550 no' })
  const mailer = mailerAt(double.url)
  const all = await Promise.all([mailer.send(mail), mailer.send(mail), mailer.send(mail)])
  expect(all).toEqual([refused(550), refused(550), refused(550)])
  expect(double.reached.greeting).toBe(1)
})

test('close ends in bounded time though the server hangs, and every send is answered', async () => {
  const double = await doubled({ dot: 'trickle' })
  const mailer = mailerAt(double.url, 300)
  const running = mailer.send(mail)
  const waiting = mailer.send(mail)
  await double.at('dot')
  const startedAt = performance.now()
  await mailer.close()
  expect(performance.now() - startedAt).toBeLessThan(1500)
  expect(await running).toMatchObject({ kind: 'failed', ambiguous: true })
  expect(await waiting).toEqual(failed('smtp_closed'))
  expect(await mailer.send(mail)).toEqual(failed('smtp_closed'))
  expect(double.reached.dot).toBe(1)
})

test('close lets a running send finish', async () => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const inbox = await openInbox(0, () => {
    arrived.resolve()
    return release.promise
  })
  toClose.push(inbox)
  const mailer = mailerAt(inbox.url)
  const running = mailer.send(mail)
  await arrived.promise
  const closing = mailer.close()
  release.resolve()
  expect(await running).toMatchObject({ kind: 'sent' })
  await closing
})
