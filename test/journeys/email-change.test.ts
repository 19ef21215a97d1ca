import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { makeAccount, type MadeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from '../call.ts'
import { type House, type InboxMail, linkIn, openHouse, tokenIn, until } from '../house.ts'

let house: House
let made = 0

beforeAll(async () => {
  house = await openHouse({ services: ['gateway', 'relay', 'reset-mailer', 'notifier', 'lockdown'] })
})
afterAll(async () => {
  await house?.close()
})

it('an intruder changes the address, and the owner takes it back from the old mailbox: every door is shut, the way back is there', async () => {
  const { owner, token } = await makeOwner()
  const intruders = newEmail()
  const asked = await call(house, 'POST', '/v1/account/email-changes', token, { email: intruders })
  expect(asked.status).toBe(202)
  const [warning] = await house.mails(owner.email)
  expect(warning?.subject).toContain('A new address was asked for')
  const [confirmation] = await house.mails(intruders)
  expect(linkIn(mailOf(confirmation)).pathname).toBe('/confirm-email-change')
  expect((await house.post('/v1/email-changes/confirmations', { token: tokenIn(mailOf(confirmation)) })).status).toBe(
    204,
  )
  expect((await call(house, 'GET', '/v1/account', token)).status).toBe(401)
  const inside = await openSession(owner.id)
  expect((await call(house, 'POST', '/v1/account/email-changes', inside, { email: newEmail() })).status).toBe(409)

  const told = await mailAbout(owner.email, 'was changed')
  expect(linkIn(told).pathname).toBe('/revert-email-change')
  const toldNew = await mailAbout(intruders, 'was changed')
  expect(toldNew.text).not.toContain('#token=')

  // Whoever asks for a reset, with either address: it goes to the old mailbox.
  expect((await house.post('/v1/password-resets', { email: intruders })).status).toBe(202)
  await mailAbout(owner.email, 'Reset your')

  expect((await house.post('/v1/email-changes/reversions', { token: tokenIn(told) })).status).toBe(204)
  expect((await call(house, 'GET', '/v1/account', inside)).status).toBe(401)
  const locked = await mailAbout(owner.email, 'is locked')
  expect(locked.text).toContain('/recover-account#lockdown=lck_')
  const [account] = await house.database.sql`select email, state from accounts where id = ${owner.id}`
  expect(account).toEqual({ email: owner.email, state: 'locked' })
  await until('the lockdown is contained', async () => {
    const [row] = await house.database.sql`select state from lockdowns where account_id = ${owner.id}`
    return row?.['state'] === 'contained'
  })
  const subjects = (await house.mails(intruders)).map(({ subject }) => subject)
  expect(subjects.filter((subject) => /locked|Reset|back/.test(subject))).toEqual([])
  expect((await house.post('/v1/email-changes/reversions', { token: tokenIn(told) })).status).toBe(422)
  expect(house.logs()).not.toContain(intruders)
  expect(house.logs()).not.toContain(tokenIn(told))
}, 60_000)

it('to an address that has an account: the answer is the same, and only its owner hears of it', async () => {
  const { owner, token } = await makeOwner()
  const taken = await makeAccount(house.database, { email: newEmail() })
  const answers = []
  for (const email of [newEmail(), taken.email]) {
    answers.push(await call(house, 'POST', '/v1/account/email-changes', token, { email }))
  }
  const shape = [202, ['id', 'state', 'expiresAt'], 'requested']
  expect(answers.map(({ status, body }) => [status, Object.keys(body), body.state])).toEqual([shape, shape])
  const mail = await mailAbout(taken.email, 'wanted to use your address')
  expect(mail.text).not.toContain('http')
  expect(mail.text).not.toContain(owner.email)
})

function newEmail(): string {
  made += 1
  return `someone-${made}@example.com`
}

async function makeOwner(): Promise<{ owner: MadeAccount; token: string }> {
  const owner = await makeAccount(house.database)
  return { owner, token: await openSession(owner.id) }
}

async function openSession(accountId: string): Promise<string> {
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days' from accounts where id = ${accountId}`
  return token
}

function mailOf(mail: InboxMail | undefined): InboxMail {
  if (!mail) throw new Error('a mail was expected')
  return mail
}

function mailAbout(to: string, words: string): Promise<InboxMail> {
  return until(`a mail to ${to}: ${words}`, async () =>
    (await house.mails(to)).find(({ subject }) => subject.includes(words)),
  )
}
