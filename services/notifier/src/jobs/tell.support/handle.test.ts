import { inTransaction } from '@portcullis/db/transaction'
import { enqueue } from '@portcullis/domain/job/enqueue'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import { createMailer, type Mailer } from '@portcullis/mail/transport'
import { newId } from '@portcullis/runtime/id'
import { createOutbound } from '@portcullis/runtime/outbound'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openReceiver, type Receiver } from '../../testing/open-receiver.ts'
import { handleTellSupport, type SupportDeps } from './handle.ts'

const store = useDatabase()
let chat: Receiver
let mailer: Mailer
let outbound: ReturnType<typeof createOutbound>

beforeAll(async () => {
  chat = await openReceiver()
  outbound = createOutbound({ allowPrivate: true, timeoutMs: 1000 })
  // Nobody listens there: every mail fails, and is to be tried again.
  mailer = createMailer({
    smtpUrl: new Secret('smtp://127.0.0.1:1'),
    from: 'Acme <security@acme.example>',
    connectionsMost: 1,
    timeoutMs: 500,
  })
})
afterAll(async () => {
  await Promise.all([outbound.close(), mailer.close(), chat.close()])
})
beforeEach(async () => {
  chat.answer((response) => void response.writeHead(200).end('ok'))
  await store.database.sql`delete from jobs`
})

async function work(given: Partial<SupportDeps> = {}) {
  await store.database.sql`update jobs set run_at = now() where state = 'pending'`
  const deps: SupportDeps = {
    mailer,
    outbound,
    publicUrl: new URL('https://account.acme.example'),
    messageIdDomain: 'acme.example',
    product: 'Acme',
    actSeconds: 5,
    chatUrl: new Secret(chat.url),
    chatFormat: undefined,
    email: undefined,
    ...given,
  }
  const handlers = makeHandlers({ 'tell.support': handleTellSupport(deps) })
  const jobs = await perform(store.database, 'notifier', handlers)
  return jobs.filter(({ message }) => message === 'tell.support')
}

async function lockDown() {
  const account = await makeAccount(store.database, { name: 'Ada Canary' })
  const opened = await inTransaction(store.database, (tx) =>
    openLockdown(tx, {
      accountId: account.id,
      trigger: 'link',
      reason: 'canary of a reason',
      compromisedSince: null,
      actor: 'account',
      caller: makeCaller(),
    }),
  )
  if (!opened) throw new Error('not locked')
  return { account, id: opened.lockdown.id }
}

async function told(lockdownId: string) {
  const audited = await listAudited(store.database, lockdownId)
  return audited.flatMap(({ action, details }) =>
    action.startsWith('support') ? [[action, details['channel'] ?? null]] : [],
  )
}

async function resumed() {
  return store.database.sql`select payload from jobs where message = 'run.lockdown' and state = 'pending'`
}

describe('a lockdown', () => {
  it('is told in the chat, by ids and codes, once; and it goes on', async () => {
    const { account, id } = await lockDown()
    await store.database.sql`delete from jobs where message = 'run.lockdown'`
    expect(await work()).toMatchObject([{ state: 'done', code: null }])
    const { text } = JSON.parse(chat.received.at(-1)?.body ?? '{}')
    expect(text).toContain(`acc_${account.id.replaceAll('-', '')}`)
    expect(text).toContain('Set off by: a link in a security mail')
    expect(text).toContain(`https://account.acme.example/v1/admin/lockdowns/lck_${id.replaceAll('-', '')}/report`)
    expect(text).not.toMatch(/canary|203\.0\.113|owner-/i)
    expect(await told(id)).toEqual([['support_told', 'chat']])
    expect(await resumed()).toEqual([{ payload: { lockdownId: id } }])
    const count = chat.received.length
    await inTransaction(store.database, (tx) => enqueue(tx, 'tell.support', { lockdownId: id }, undefined))
    expect(await work()).toMatchObject([{ state: 'done', code: 'told' }])
    expect(chat.received.length).toBe(count)
  })

  it('is told once, though a second trigger joins it', async () => {
    const { account } = await lockDown()
    await inTransaction(store.database, (tx) =>
      openLockdown(tx, {
        accountId: account.id,
        trigger: 'owner',
        reason: null,
        compromisedSince: null,
        actor: 'account',
        caller: makeCaller(),
      }),
    )
    expect(await work()).toHaveLength(1)
  })

  it('is told as Discord likes it where the setting says so, and nobody is mentioned', async () => {
    await lockDown()
    await work({ chatFormat: 'discord' })
    const body = JSON.parse(chat.received.at(-1)?.body ?? '{}')
    expect([Object.keys(body), body.allowed_mentions]).toEqual([['content', 'allowed_mentions'], { parse: [] }])
  })

  it('is told again where the chat did not take it', async () => {
    const { id } = await lockDown()
    chat.answer((response) => void response.writeHead(500).end())
    expect(await work()).toMatchObject([{ state: 'pending', code: 'chat_http_500' }])
    expect(await told(id)).toEqual([])
    chat.answer((response) => void response.writeHead(204).end())
    expect(await work()).toMatchObject([{ state: 'done' }])
    expect(await told(id)).toEqual([['support_told', 'chat']])
  })

  it('that the chat took and the mail server did not is told by mail alone the next time', async () => {
    const { id } = await lockDown()
    const email = 'desk@acme.example'
    expect(await work({ email })).toMatchObject([{ state: 'pending', code: 'smtp_unreachable' }])
    const count = chat.received.length
    expect(await told(id)).toEqual([['support_told', 'chat']])
    expect(await work({ email })).toMatchObject([{ state: 'pending', code: 'smtp_unreachable' }])
    expect(chat.received.length).toBe(count)
  })

  it('that nobody is there to be told of goes on, and that is recorded', async () => {
    const { id } = await lockDown()
    await store.database.sql`delete from jobs where message = 'run.lockdown'`
    expect(await work({ chatUrl: undefined })).toMatchObject([{ state: 'done' }])
    expect(await told(id)).toEqual([['support_not_configured', null]])
    expect(await resumed()).toEqual([{ payload: { lockdownId: id } }])
  })
})

it('an endpoint that was given up is told of, and one that is active again is not', async () => {
  const id = newId('webhookEndpoint')
  await store.database.sql`
    insert into webhook_endpoints (id, format, url, description, actions, events, state, disabled_because)
    values (${id}, 'webhook', 'https://secret-host.example/', 'x', '{}', '{}', 'disabled', 'gone')`
  const say = () =>
    inTransaction(store.database, (tx) => enqueue(tx, 'tell.support', { webhookEndpointId: id }, undefined))
  await say()
  const count = chat.received.length
  expect(await work()).toMatchObject([{ state: 'done', code: null }])
  expect(chat.received.at(-1)?.body).toContain('it answered 410')
  expect(chat.received.at(-1)?.body).not.toContain('secret-host')
  await store.database.sql`update webhook_endpoints set state = 'active' where id = ${id}`
  await say()
  expect(await work()).toMatchObject([{ state: 'done', code: 'gone' }])
  expect(chat.received.length).toBe(count + 1)
})
