import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { confirmEmailChange } from '@portcullis/domain/email/confirm-change'
import { requestEmailChange } from '@portcullis/domain/email/request-change'
import { revertEmailChange } from '@portcullis/domain/email/revert-change'
import { createMailer, type Mailer } from '@portcullis/mail/transport'
import { openPlaces } from '@portcullis/runtime/place'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, type MadeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { type Inbox, openInbox, type Received } from '@portcullis/testkit/inbox'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { handleSendNotice } from '../send.notice/handle.ts'
import { handleEmailChanging } from './handle.ts'

const store = useDatabase()
let inbox: Inbox
let mailer: Mailer
let handlers: ReturnType<typeof makeHandlers>
let made = 0

beforeAll(async () => {
  inbox = await openInbox()
  mailer = createMailer({ smtpUrl: new Secret(inbox.url), from: 'Acme <no-reply@acme.example>', connectionsMost: 4 })
  const deps = {
    mailer,
    places: await openPlaces(),
    publicUrl: new URL('https://account.acme.example'),
    messageIdDomain: 'mail.acme.example',
    product: 'Acme',
    supportUrl: undefined,
    actSeconds: 10,
    tokenKey: new Uint8Array(32).fill(5),
  }
  handlers = makeHandlers({
    'email.changing': handleEmailChanging(deps),
    'send.notice': handleSendNotice({ ...deps, restSeconds: 600 }),
  })
})
afterAll(async () => {
  await mailer.close()
  await inbox.close()
})
beforeEach(() => store.database.sql`delete from jobs`)

it('mails the new address a link that confirms, the old one that somebody asked, and after it the old one the way back', async () => {
  const owner = await makeAccount(store.database)
  const email = newEmail()
  await request(owner, email)
  await work()
  expect(mailsTo(email).map((mail) => mail.parsed.subject)).toEqual(['Confirm your new address for Acme'])
  expect(mailsTo(owner.email).map((mail) => mail.parsed.subject)).toEqual([
    'A new address was asked for in your Acme account',
  ])
  expect(linkIn(mailsTo(owner.email)[0]).pathname).toBe('/secure-account')
  const link = linkIn(mailsTo(email)[0])
  expect(link.pathname).toBe('/confirm-email-change')
  expect(JSON.stringify(mailsTo(email)[0]?.parsed.text)).not.toContain(owner.email)
  expect(await confirmEmailChange(store.database, tokenOf(link), makeCaller())).toBe(true)
  await work()
  const told = mailsTo(email)[1]
  expect(told?.parsed.subject).toBe('The address of your Acme account was changed')
  expect(told?.parsed.text).not.toContain('http')
  const back = linkIn(mailsTo(owner.email)[1])
  expect(back.pathname).toBe('/revert-email-change')
  expect(mailsTo(owner.email)[1]?.parsed.text).not.toContain(email)
  expect(await revertEmailChange(store.database, tokenOf(back), makeCaller())).toBe(true)
  await work()
  expect(mailsTo(email)).toHaveLength(2)
  const subjects = mailsTo(owner.email).map((mail) => mail.parsed.subject)
  expect(subjects.slice(2).toSorted()).toEqual([
    'The address of your Acme account was changed back',
    'Your Acme account is locked',
  ])
})

it('tells the owner of an address that is taken, without any link, and whoever asked gets nothing of it', async () => {
  const taken = await makeAccount(store.database, { email: `Taken-${newEmail()}` })
  const owner = await makeAccount(store.database)
  await request(owner, taken.emailKey)
  await work()
  const [mail, ...more] = mailsTo(taken.email)
  expect(more).toEqual([])
  expect(mail?.parsed.subject).toBe('Somebody wanted to use your address at Acme')
  expect(mail?.parsed.text).not.toContain('http')
  expect(mailsTo(owner.email)).toHaveLength(1)
})

it('delivered twice at the same time is mailed once; repeated it carries the same link under the same Message-ID', async () => {
  const owner = await makeAccount(store.database)
  const email = newEmail()
  await request(owner, email)
  await work(3)
  expect(mailsTo(email)).toHaveLength(1)
  await store.database
    .sql`update jobs set state = 'pending', run_at = now(), done_at = null where message = 'email.changing'`
  await work()
  const [first, second] = mailsTo(email)
  expect(second?.parsed.messageId).toBe(first?.parsed.messageId)
  expect(linkIn(second).href).toBe(linkIn(first).href)
})

it('says nothing when a newer request or a lockdown was first', async () => {
  const owner = await makeAccount(store.database)
  const [first, second] = [newEmail(), newEmail()]
  await request(owner, first)
  await request(owner, second)
  await work()
  expect(mailsTo(first)).toEqual([])
  expect(mailsTo(second)).toHaveLength(1)
  const third = newEmail()
  await request(owner, third)
  await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.id}`
  await work()
  expect(mailsTo(third)).toEqual([])
})

function newEmail(): string {
  made += 1
  return `someone-${made}@example.com`
}

async function request(owner: MadeAccount, email: string): Promise<void> {
  // Guarantee: nothing else of a session is read by it.
  const session = { id: await makeSession(store.database, owner.id), accountId: owner.id } as LivingSession
  await inTransaction(store.database, (tx) =>
    requestEmailChange(tx, session, { address: email, key: email }, makeCaller()),
  )
}

/** Makes due whatever waits a moment, and works it off. */
async function work(deliveries = 1) {
  await store.database.sql`update jobs set run_at = now() where state = 'pending' and hearer = 'notifier'`
  return perform(store.database, 'notifier', handlers, deliveries)
}

function mailsTo(email: string): Received[] {
  return inbox.received.filter((mail) => mail.to.includes(email))
}

function linkIn(mail: Received | undefined): URL {
  const url = /https:\S+/.exec(mail?.parsed.text ?? '')?.[0]
  if (url === undefined) throw new Error('the mail has no link')
  return new URL(url)
}

function tokenOf(link: URL): string {
  return new URLSearchParams(link.hash.slice(1)).get('token') ?? ''
}
