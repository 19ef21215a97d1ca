import { accountExportLineSchema } from '@portcullis/contracts/account-export'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { makeAccount, type MadeAccount } from '@portcullis/testkit/factory'
import { enqueue } from '@portcullis/testkit/ledger'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, type InboxMail, openHouse, until } from '../house.ts'

let house: House
let made = 0

beforeAll(async () => {
  house = await openHouse({ services: ['gateway', 'relay', 'notifier', 'sweeper', 'lockdown'] })
})
afterAll(async () => {
  await house?.close()
})

it('an owner takes a copy of all that is kept, closes the account, and is forgotten: told at every step, and the address is free again', async () => {
  const { owner, token } = await makeOwner('Perdita Nightjar')
  const asked = await call('POST', '/v1/account/exports', token)
  expect(asked.status).toBe(202)
  const { id } = JSON.parse(asked.text)
  await until('the copy is ready', async () => {
    const { text } = await call('GET', `/v1/operations/${id}`, token)
    return JSON.parse(text).status === 'done'
  })
  await mailAbout(owner.email, 'data')
  const copy = await call('GET', `/v1/account/exports/${id}/download`, token)
  const lines = copy.text
    .trimEnd()
    .split('\n')
    .map((line) => accountExportLineSchema.parse(JSON.parse(line)))
  expect([lines[0]?.type, lines.at(-1)?.type]).toEqual(['header', 'end'])
  expect(lines).toContainEqual(expect.objectContaining({ type: 'profile', email: owner.email, name: owner.name }))
  expect((await call('GET', `/v1/account/exports/${id}/download`, token)).status).toBe(404)

  expect((await call('DELETE', '/v1/account', token)).status).toBe(202)
  await mailAbout(owner.email, 'will be closed')
  expect((await call('GET', '/v1/account', token)).status).toBe(200)
  await closeNow(owner)
  expect((await call('GET', '/v1/account', token)).status).toBe(401)
  const last = await mailAbout(owner.email, 'is closed')
  expect(last.text).not.toContain('#token=')
  await until(
    'the account is erased, and its audit trail pseudonymous',
    async () => {
      await tick()
      const [row] = await house.database.sql`
      select ended_at from account_closings where account_id = ${owner.id} and state = 'erased'`
      return row?.['ended_at']
    },
    40_000,
  )
  for (const trace of [owner.email, owner.name]) {
    expect(await dump()).not.toContain(trace)
    expect(house.logs()).not.toContain(trace)
  }
  const again = { email: owner.email, password: 'plum-Kettle-47-orbit', name: 'Perdita' }
  expect((await house.post('/v1/accounts', again)).status).toBe(202)
  await mailAbout(owner.email, 'Confirm')
}, 120_000)

it('whoever did not ask for the closing keeps the account with one link of the mail, or locks it with the other', async () => {
  const kept = await makeOwner('Ada')
  await call('DELETE', '/v1/account', kept.token)
  const mail = await mailAbout(kept.owner.email, 'will be closed')
  const keep = { token: tokenOf(mail, 'keep-account') }
  expect((await house.post('/v1/account-closings/cancellations', keep)).status).toBe(204)
  expect(await stateOf(kept.token)).toBe('kept')
  expect((await house.post('/v1/account-closings/cancellations', keep)).status).toBe(422)

  const stolen = await makeOwner('Bea')
  await call('DELETE', '/v1/account', stolen.token)
  const warning = await mailAbout(stolen.owner.email, 'will be closed')
  const lock = await house.post('/v1/lockdown-links', { token: tokenOf(warning, 'secure-account') })
  expect(lock.status).toBe(202)
  await house.database.sql`update account_closings set due_at = now() - interval '1 second'`
  await tick()
  await mailAbout(stolen.owner.email, 'is locked')
  const [row] = await house.database.sql`
    select closing.state, account.state as account from account_closings as closing
    join accounts as account on account.id = closing.account_id where account_id = ${stolen.owner.id}`
  expect(row).toEqual({ state: 'held', account: 'locked' })
  expect(house.logs()).not.toContain(keep.token)
}, 60_000)

async function makeOwner(name: string): Promise<{ owner: MadeAccount; token: string }> {
  made += 1
  const owner = await makeAccount(house.database, { name, email: `forgotten-${made}@example.com` })
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, user_agent)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days', 'Firefox'
    from accounts where id = ${owner.id}`
  return { owner, token }
}

/** The grace period is over, and the tick has come. */
async function closeNow({ id }: MadeAccount): Promise<void> {
  await house.database.sql`update account_closings set due_at = now() - interval '1 second' where account_id = ${id}`
  await tick()
  await until('the account is closed', async () => {
    const [row] = await house.database.sql`select state from account_closings where account_id = ${id}`
    return row?.['state'] !== 'pending'
  })
}

/** One more beat of the sweeper than the minute would bring. */
async function tick(): Promise<void> {
  await enqueue(house.database, { message: 'close.accounts', hearer: 'sweeper', payload: {}, priority: 20 })
  house.database.wake()
}

async function stateOf(token: string): Promise<string> {
  return JSON.parse((await call('GET', '/v1/account/closing', token)).text).state
}

async function call(method: string, path: string, token: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const answer = await fetch(house.gateway + path, { method, headers })
  return { status: answer.status, text: await answer.text() }
}

function mailAbout(to: string, words: string): Promise<InboxMail> {
  return until(`a mail to ${to}: ${words}`, async () =>
    (await house.mails(to)).find(({ subject }) => subject.includes(words)),
  )
}

function tokenOf(mail: InboxMail, page: string): string {
  const token = new RegExp(`/${page}#token=([\\w-]+)`).exec(mail.text)?.[1]
  if (token === undefined) throw new Error(`the mail has no link to ${page}`)
  return token
}

/** Every row of every table. */
async function dump(): Promise<string> {
  const { sql } = house.database
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`
  const rows = await Promise.all(
    tables.map(({ name }) => sql<{ row: string }[]>`select one::text as row from ${sql(name)} as one`),
  )
  return rows.flatMap((some) => some.map(({ row }) => row)).join('\n')
}
