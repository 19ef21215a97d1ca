import { generateKeyPairSync } from 'node:crypto'
import type { Client } from '@portcullis/client/create-client'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { type Inbox, startInbox } from '@portcullis/local/inbox'
import { newId } from '@portcullis/runtime/id'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, type InboxMail, openHouse, until } from '../house.ts'
import { openWebhookReceiver, type WebhookReceiver } from '../webhook-receiver.ts'

const desk = 'desk@portcullis.localhost'
const rentalId = 'srv-away'
/** What makes an account safe; none of it needs anybody outside. */
const safety = ['sessions', 'api_keys', 'ssh_keys', 'tokens', 'password', 'second_factor', 'review']

let house: House
let mailServer: Inbox
let receiver: WebhookReceiver
let admin: Client

beforeAll(async () => {
  mailServer = await startInbox({ host: '127.0.0.1', smtpPort: 0, httpPort: 0 })
  receiver = await openWebhookReceiver()
  house = await openHouse({
    services: ['gateway', 'relay', 'notifier', 'lockdown'],
    smtpUrl: mailServer.smtpUrl,
    env: { WEBHOOK_ALLOW_PRIVATE: 'true', NODE_ENV: 'test', WEBHOOK_TIMEOUT_MS: '2000', SUPPORT_EMAIL: desk },
  })
  const staff = await makeAccount(house.database)
  await house.database.sql`update accounts set role = 'admin' where id = ${staff.id}`
  admin = house.client(await openSession(staff.id, true))
  const events = ['account.locked', 'lockdown.contained'] as const
  const body = { url: receiver.url, description: 'Journey', events: [...events] }
  receiver.trust((await admin.createWebhook({ body })).body.secret ?? '')
}, 180_000)
afterAll(async () => {
  await house?.close()
  await receiver?.leave()
  await mailServer?.stop()
})

async function openSession(accountId: Id<'account'>, secondFactor = false): Promise<string> {
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, second_factor)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days', ${secondFactor}
    from accounts where id = ${accountId}`
  return token
}

/** The public half of a new key, as `ssh-keygen` writes it. */
function makePublicKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x, 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')} laptop`
}

async function reportOf(id: string) {
  return (await admin.getLockdownReportAsStaff({ params: { id }, query: {} })).body
}

async function proven(id: string): Promise<string[]> {
  return (await reportOf(id)).steps.filter(({ state }) => state === 'proven').map(({ step }) => step)
}

async function mailsTo(url: string, to: string): Promise<InboxMail[]> {
  return (await (await fetch(`${url}/messages?to=${encodeURIComponent(to)}`)).json()) as InboxMail[]
}

/** The deliveries of a lockdown: to receivers, and by mail. */
async function deliveries(id: string) {
  const lockdownId = id.replace('lck_', '')
  const hooks = await house.database.sql<{ id: string; state: string; attempts: number; error: string | null }[]>`
    select id, state, attempts, last_error_code as error from webhook_deliveries where lockdown_id = ${lockdownId}
    order by created_at`
  const mails = await house.database.sql<{ messageId: string; attempts: number; sent: boolean }[]>`
    select message_id as "messageId", delivery.attempts, sent_at is not null as sent
    from mail_deliveries as delivery join jobs as job on job.id = delivery.job_id
    where job.created_at >= (select opened_at from lockdowns where id = ${lockdownId}) order by message_id`
  return { hooks: [...hooks], mails: [...mails] }
}

it('with mail server, receiver and rented server away an account is safe at once, and contained when all are told', async () => {
  const owner = await makeAccount(house.database)
  const session = house.client(await openSession(owner.id))
  const { secret } = await createApiClient(house.database, { name: 'shop', scopes: ['rentals:write'] })
  const rental = { accountId: formatId('account', owner.id), host: '127.0.0.1' }
  const started = await house.client(secret).startRental({ params: { id: rentalId }, body: rental })
  const server = house.client(started.body.rentalToken ?? '')
  await house.database.sql`update sessions set proved_at = now() where account_id = ${owner.id}`
  await session.addSshKey({ body: { name: 'Laptop', publicKey: makePublicKey() } })
  const asked = { params: { id: rentalId }, query: { user: 'root' } }
  expect((await server.fetchAuthorizedKeys(asked)).body).toContain('ssh-ed25519')
  const { smtpUrl } = mailServer
  await Promise.all([mailServer.stop(), receiver.leave()])
  const locked = await session.lockOwnAccount({ body: { reason: 'My laptop was stolen' } })
  const { id } = locked.body

  // The receiver first: it is tried again after five seconds, and then after five minutes only.
  const [told] = await until('the receiver was tried in vain', async () => {
    const { hooks } = await deliveries(id)
    return hooks[0]?.error === 'connection_failed' && hooks
  })
  await receiver.comeBack()
  await expect(session.getSession()).rejects.toMatchObject({ status: 401 })
  await until('all is safe', async () => {
    const steps = await proven(id)
    return safety.every((step) => steps.includes(step))
  })
  await until('the receiver was told', async () => (await proven(id)).includes('webhooks'))
  const tried = await until('the mail server was tried in vain, for both', async () => {
    const { mails } = await deliveries(id)
    return mails.length === 2 && mails
  })
  const meanwhile = await reportOf(id)
  expect(meanwhile.state).toBe('open')
  expect(meanwhile.steps.filter(({ state }) => state !== 'proven').map(({ step }) => step)).toEqual([
    'owner',
    'support',
  ])
  expect(meanwhile.unconfirmedHosts).toMatchObject([{ rentalId }])
  expect(tried.map(({ sent }) => sent)).toEqual([false, false])

  mailServer = await startInbox({ host: '127.0.0.1', smtpPort: Number(new URL(smtpUrl).port), httpPort: 0 })
  const report = await until(
    'it is contained',
    async () => {
      const found = await reportOf(id)
      return found.state === 'contained' && found
    },
    60_000,
  )
  expect(report.steps.map(({ state }) => state)).toEqual(Array(10).fill('proven'))
  await until('the receiver is told of that too', () =>
    Promise.resolve(receiver.taken.some(({ type }) => type === 'lockdown.contained')),
  )

  // Each once, under the ids of the attempts that failed.
  expect(receiver.taken.map(({ type }) => type)).toEqual(['account.locked', 'lockdown.contained'])
  expect(receiver.taken[0]?.id.replace('whd_', '').replaceAll('-', '')).toContain(told?.id.replaceAll('-', ''))
  expect(receiver.refused).toEqual([])
  const came = [...(await mailsTo(mailServer.url, owner.email)), ...(await mailsTo(mailServer.url, desk))]
  for (const { messageId } of tried)
    expect(came.filter(({ headers }) => headers['message-id'] === messageId)).toHaveLength(1)
  expect((await deliveries(id)).mails.map(({ sent }) => sent)).toEqual([true, true])
  // The rented server is back: it is refused, lets nobody in, and leaves the list of those that have not asked since.
  await expect(server.fetchAuthorizedKeys(asked)).rejects.toMatchObject({ status: 404 })
  expect((await reportOf(id)).unconfirmedHosts).toEqual([])
}, 120_000)
