import { inTransaction } from '@portcullis/db/transaction'
import { requestRegistration } from '@portcullis/domain/registration/request'
import { createMailer, type Mailer } from '@portcullis/mail/transport'
import { newId } from '@portcullis/runtime/id'
import { openPlaces } from '@portcullis/runtime/place'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { type Inbox, openInbox, type Received } from '@portcullis/testkit/inbox'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { handleRegistrationRequested } from './handle.ts'

const store = useDatabase()
let inbox: Inbox
let mailer: Mailer

beforeAll(async () => {
  inbox = await openInbox()
  mailer = createMailer({ smtpUrl: new Secret(inbox.url), from: 'Acme <no-reply@acme.example>', connectionsMost: 1 })
})
afterAll(async () => {
  await mailer.close()
  await inbox.close()
})

it('whoever has no account is written to in English, the owner of one in the language chosen there', async () => {
  const account = await makeAccount(store.database)
  await store.database.sql`update accounts set language = 'de' where id = ${account.id}`
  await register('new@example.com')
  await register(account.email)
  await work()
  expect(told('new@example.com')).toEqual(['en', 'Confirm your address for Acme'])
  expect(told(account.email)).toEqual(['de', 'Zu Ihrer Adresse gibt es schon ein Konto bei Acme'])
})

async function register(email: string) {
  const input = { email, emailKey: email, name: 'Ada', password: 'not looked at' }
  const vetted = { id: newId('registration'), input, passwordHash: 'a hash' }
  await inTransaction(store.database, (tx) => requestRegistration(tx, vetted, makeCaller()))
}

async function work() {
  const handler = handleRegistrationRequested({
    mailer,
    places: await openPlaces(),
    publicUrl: new URL('https://account.acme.example'),
    messageIdDomain: 'mail.acme.example',
    product: 'Acme',
    supportUrl: undefined,
    actSeconds: 10,
    tokenKey: new Uint8Array(32).fill(5),
    limitPerHour: 5,
  })
  await perform(store.database, 'notifier', makeHandlers({ 'registration.requested': handler }))
}

function told(email: string) {
  const mail: Received | undefined = inbox.received.find((one) => one.to.includes(email))
  return [mail?.parsed.headers.find(({ key }) => key === 'content-language')?.value, mail?.parsed.subject]
}
