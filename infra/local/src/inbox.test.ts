import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { InboxMessage } from './inbox-message.ts'
import { type Inbox, startInbox } from './inbox.ts'

const dir = mkdtempSync(join(tmpdir(), 'inbox-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let inbox: Inbox
beforeEach(async () => {
  inbox = await startInbox({ host: '127.0.0.1', smtpPort: 0, httpPort: 0 })
})
afterEach(() => inbox.stop())

/** Speaks SMTP line by line; answers with the reply to the last line that is `expected`, or the first that is not. */
async function deliver(to: readonly string[], mail: string, mailFrom = 'MAIL FROM:<a@b.example>'): Promise<string> {
  const socket = connect(Number(new URL(inbox.smtpUrl).port), '127.0.0.1').setEncoding('utf8')
  const replies: string[] = []
  let rest = ''
  let wake = () => {}
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\r\n')
    rest = lines.pop() ?? ''
    replies.push(...lines.filter((line) => /^\d{3} /.test(line)))
    wake()
  })
  const reply = async () => {
    while (replies.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return replies.shift()!
  }
  await reply()
  const body = `${mail.replaceAll('\n', '\r\n').replaceAll(/^\./gm, '..')}\r\n.`
  let last = ''
  for (const line of ['EHLO test', mailFrom, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA', body]) {
    socket.write(`${line}\r\n`)
    last = await reply()
    if (!/^[23]/.test(last)) break
  }
  socket.end('QUIT\r\n')
  await once(socket, 'close')
  return last
}

async function messages(query = ''): Promise<InboxMessage[]> {
  const answer = await fetch(`${inbox.url}/messages${query}`)
  return (await answer.json()) as InboxMessage[]
}

const hostile = `From: Portcullis <security@portcullis.localhost>
To: Ada <ada@example.com>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <one@portcullis.localhost>
X-Twice: 1
X-Twice: 2
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Hello & welcome
--b
Content-Type: text/html; charset=utf-8

<p>Hello</p><script>parent.document.title = 'taken'</script>
--b--`

test('a mail is read whole: envelope, subject, both bodies, headers, time', async () => {
  expect(await deliver(['ada@example.com', 'Bob@Example.com'], hostile)).toMatch(/^250 /)
  const [mail, ...others] = await messages()
  expect(others).toEqual([])
  expect(mail).toMatchObject({
    id: '1',
    to: ['ada@example.com', 'Bob@Example.com'],
    from: 'security@portcullis.localhost',
    subject: 'Grüße',
    text: expect.stringContaining('Hello & welcome'),
    html: expect.stringContaining('<p>Hello</p>'),
    headers: { 'message-id': '<one@portcullis.localhost>', 'x-twice': '1\n2' },
  })
  expect(Math.abs(Date.parse(mail!.receivedAt) - Date.now())).toBeLessThan(60_000)
  expect(await (await fetch(`${inbox.url}/messages/1`)).json()).toEqual(mail)
})

test('mails come newest first, and are found by address and by what came after', async () => {
  for (const [at, to] of ['ada@example.com', 'bob@example.com', 'ada@example.com'].entries()) {
    await deliver([to], `Subject: ${at}\n\n${at}`)
  }
  const subjects = async (query?: string) => (await messages(query)).map((mail) => mail.subject)
  expect(await subjects()).toEqual(['2', '1', '0'])
  expect(await subjects('?to=ADA@example.com')).toEqual(['2', '0'])
  expect(await subjects('?to=ada@example.com&after=1')).toEqual(['2'])
  expect(await subjects('?to=nobody@example.com')).toEqual([])
})

test('who waits for a mail is answered when it comes', async () => {
  const waiting = messages('?to=ada@example.com&waitSeconds=30')
  await deliver(['bob@example.com'], 'Subject: other\n\n.')
  await deliver(['ada@example.com'], 'Subject: wanted\n\n.')
  expect((await waiting).map((mail) => mail.subject)).toEqual(['wanted'])
})

test('an address of another script is taken (SMTPUTF8)', async () => {
  await deliver(['用户@例え.テスト'], 'Subject: x\n\nx', 'MAIL FROM:<a@b.example> SMTPUTF8')
  expect((await messages())[0]?.to).toEqual(['用户@例え.テスト'])
})

test('a mail beyond 5 MiB is refused and not kept', async () => {
  expect(await deliver(['ada@example.com'], `Subject: big\n\n${'x'.repeat(5 * 1024 * 1024)}`)).toMatch(/^552 /)
  expect(await messages()).toEqual([])
})

test('bytes that are no mail are kept as text', async () => {
  expect(await deliver(['ada@example.com'], '\u0000\u0001 no: header\n\n--')).toMatch(/^250 /)
  expect(await messages()).toHaveLength(1)
})

test('the HTML of a mail may run nothing, load nothing and is sandboxed; the page runs its own script alone', async () => {
  await deliver(['ada@example.com'], hostile)
  const mail = await fetch(`${inbox.url}/messages/1/html`)
  const policy = mail.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toMatch(/sandbox(?!.*allow-(scripts|same-origin))/)
  const page = await fetch(inbox.url)
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  const markup = await page.text()
  expect(markup).toContain('<title>Inbox')
  for (const [, path] of markup.matchAll(/(?:src|href)="(\/page[^"]+)"/g)) {
    expect((await fetch(new URL(path!, inbox.url))).status).toBe(200)
  }
})

test('a name that leads here by somebody else’s DNS is refused', async () => {
  const { port } = new URL(inbox.url)
  const ask = async (host: string) => {
    const [answer] = await once(
      request({ port, host: '127.0.0.1', path: '/messages', headers: { host } }).end(),
      'response',
    )
    answer.resume()
    return answer.statusCode as number
  }
  expect(await ask('evil.example')).toBe(421)
  expect(await ask(`localhost:${port}`)).toBe(200)
})

test('the page is told of a new mail at once', async () => {
  const events = await fetch(`${inbox.url}/events`)
  const reader = events.body!.getReader()
  await reader.read()
  await deliver(['ada@example.com'], 'Subject: x\n\nx')
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: change')
  await reader.cancel()
})

test('mails are found again after a restart, for their owner alone, and emptying is for good', async () => {
  const file = join(dir, 'kept', 'messages.ndjson')
  const again = async () => {
    await inbox.stop()
    inbox = await startInbox({ host: '127.0.0.1', smtpPort: 0, httpPort: 0, file })
  }
  await again()
  await deliver(['ada@example.com'], hostile)
  const before = await messages()
  await again()
  expect(await messages()).toEqual(before)
  await deliver(['ada@example.com'], 'Subject: second\n\nx')
  expect((await messages()).map((mail) => mail.id)).toEqual(['2', '1'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await fetch(`${inbox.url}/messages`, { method: 'DELETE' })).status).toBe(204)
  await again()
  expect(await messages()).toEqual([])
})

test.each([
  ['GET', '/nowhere', 404],
  ['GET', '/messages/99', 404],
  ['GET', '/__proto__', 404],
  ['POST', '/messages', 405],
])('%s %s is answered %i', async (method, path, status) => {
  expect((await fetch(`${inbox.url}${path}`, { method })).status).toBe(status)
})
