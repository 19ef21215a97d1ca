import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import type { MadeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { makeAccountWithPassword, makeChallenges, ownerPassword as password } from './testing/make-owner.ts'
import { nextCode } from './testing/next-code.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
const clock = createFakeClock()
let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway(store.database, { clock })
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

describe('two-factor', () => {
  it('is active only after a valid code, and asks for one at the next login', async () => {
    const owner = await enrolled()
    expect(owner.backupCodes).toHaveLength(10)
    const first = await logIn(owner.account)
    expect([first.status, first.body]).toEqual([200, { mfaRequired: true, challenge: expect.stringMatching(/^pch_/) }])
    const second = await finish(first.body.challenge, nextCode(clock, owner.secret))
    expect(second.status).toBe(201)
    expect(second.body.session).toMatchObject({ secondFactor: true })
    expect((await call('GET', '/v1/account/session', second.body.token)).status).toBe(200)
  })

  it('that was begun and never confirmed changes nothing, and a wrong code does not confirm it', async () => {
    const account = await makeAccountWithPassword(store.database)
    const token = await loggedIn(account)
    const begun = await call('POST', '/v1/account/two-factor', token)
    expect(begun.body).toMatchObject({ otpauthUri: expect.stringContaining(`secret=${begun.body.secret}`) })
    expect(begun.body.qrSvg).toContain('<svg')
    const wrong = await call('PUT', '/v1/account/two-factor', token, { code: '000000' })
    expect(wrong).toMatchObject({ status: 422, body: { code: 'code_refused' } })
    expect((await logIn(account)).status).toBe(201)
  })

  it('stores the secret sealed and the backup codes hashed', async () => {
    const owner = await enrolled()
    const rows = [
      ...(await store.database.sql`select * from totp_factors where account_id = ${owner.account.id}`),
      ...(await store.database.sql`select * from backup_codes where account_id = ${owner.account.id}`),
      ...(await store.database.sql`select details from audit_events where account_id = ${owner.account.id}`),
    ]
    const dump = JSON.stringify(rows)
    expect(dump).not.toContain(owner.secret)
    for (const code of owner.backupCodes) expect(dump).not.toContain(code.replaceAll('-', '').slice(1))
    expect(rows[0]?.['secret_sealed']).toMatch(/^v1\./)
  })

  it('moved to another account’s row opens nothing', async () => {
    const [owner, other] = [await enrolled(), await enrolled()]
    await store.database.sql`
      update totp_factors set secret_sealed = (select secret_sealed from totp_factors where account_id = ${other.account.id})
      where account_id = ${owner.account.id}`
    const { body } = await logIn(owner.account)
    expect((await finish(body.challenge, nextCode(clock, other.secret))).status).toBe(500)
  })

  it('accepts a code once, though fifty have it at the same time: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await enrolled()
      const code = nextCode(clock, owner.secret)
      const challenges = await makeChallenges(store.database, owner.account.id, 51)
      const tries = await Promise.all(challenges.slice(1).map((challenge) => finish(challenge, code)))
      expect(tries.filter((one) => one.status === 201)).toHaveLength(1)
      expect(tries.filter((one) => one.status === 401 || one.status === 429)).toHaveLength(49)
      await store.database.sql`delete from throttles`
      expect((await finish(challenges[0] ?? '', code)).status).toBe(401)
    }
  }, 120_000)

  it('accepts a backup code once, in any writing, though fifty have it at the same time: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await enrolled()
      const code = owner.backupCodes[round % 10] ?? ''
      const writings = [code, code.toLowerCase(), code.replaceAll('-', ' '), code.replaceAll('-', '')]
      const challenges = await makeChallenges(store.database, owner.account.id, 50)
      const tries = await Promise.all(
        challenges.map((challenge, at) => finish(challenge, writings[at % writings.length] ?? code)),
      )
      const opened = tries.filter((one) => one.status === 201)
      expect(opened).toHaveLength(1)
      expect(tries.filter((one) => one.status === 401 || one.status === 429)).toHaveLength(49)
      const left = await call('GET', '/v1/account/backup-codes', opened[0]?.body.token)
      expect(left.body).toEqual({ left: 9 })
    }
  }, 120_000)

  it('makes a challenge that opens once and is over after five minutes', async () => {
    const owner = await enrolled()
    const challenge = await challengeOf(owner.account)
    expect((await finish(challenge, nextCode(clock, owner.secret))).status).toBe(201)
    expect((await finish(challenge, nextCode(clock, owner.secret))).body).toMatchObject({ code: 'login_refused' })
    const late = await challengeOf(owner.account)
    await store.database.sql`update login_challenges set expires_at = expires_at - interval '301 seconds'`
    expect((await finish(late, nextCode(clock, owner.secret))).body).toMatchObject({ code: 'login_refused' })
  })

  it('a challenge is void once the account was secured', async () => {
    const owner = await enrolled()
    const challenge = await challengeOf(owner.account)
    await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.account.id}`
    expect((await finish(challenge, nextCode(clock, owner.secret))).status).toBe(401)
  })

  it('wrong codes are counted: after five even the right one waits', async () => {
    const owner = await enrolled()
    for (let count = 0; count < 5; count += 1) await finish(await challengeOf(owner.account), '000000')
    expect((await finish(await challengeOf(owner.account), nextCode(clock, owner.secret))).status).toBe(429)
    const events = await store.database.sql`
      select outcome from login_events where account_id = ${owner.account.id} and outcome = 'wrong_code'`
    expect(events).toHaveLength(5)
  })

  it('of fifty wrong codes at once exactly five are verified, each is in the history, and the right one waits: ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const owner = await enrolled()
      const challenges = await makeChallenges(store.database, owner.account.id, 51)
      const tries = await Promise.all(challenges.slice(1).map((challenge) => finish(challenge, '000000')))
      expect(tries.filter((one) => one.status === 401)).toHaveLength(5)
      expect(tries.filter((one) => one.status === 429)).toHaveLength(45)
      const events = await store.database.sql`
        select outcome from login_events where account_id = ${owner.account.id} and outcome = 'wrong_code'`
      expect(events).toHaveLength(5)
      expect((await finish(challenges[0] ?? '', nextCode(clock, owner.secret))).status).toBe(429)
    }
  }, 60_000)

  it('is switched off with a current code, and its backup codes with it', async () => {
    const owner = await enrolled()
    expect((await call('DELETE', '/v1/account/two-factor', owner.token, { code: '000000' })).status).toBe(422)
    const off = await call('DELETE', '/v1/account/two-factor', owner.token, { code: nextCode(clock, owner.secret) })
    expect(off.status).toBe(204)
    expect((await logIn(owner.account)).status).toBe(201)
    const codes = await store.database.sql`select index from backup_codes where account_id = ${owner.account.id}`
    expect(codes).toHaveLength(0)
  })

  it.each(['admin', 'support'])('cannot be switched off by an account of role %s', async (role) => {
    const owner = await enrolled()
    await store.database.sql`update accounts set role = ${role} where id = ${owner.account.id}`
    const refused = await call('DELETE', '/v1/account/two-factor', owner.token, { code: nextCode(clock, owner.secret) })
    expect(refused).toMatchObject({ status: 403, body: { code: 'two_factor_mandatory' } })
  })

  it('new backup codes void the old ones', async () => {
    const owner = await enrolled()
    const renewed = await call('POST', '/v1/account/backup-codes', owner.token)
    expect(renewed.body.backupCodes).toHaveLength(10)
    expect((await finish(await challengeOf(owner.account), owner.backupCodes[3] ?? '')).status).toBe(401)
    expect((await finish(await challengeOf(owner.account), renewed.body.backupCodes[3])).status).toBe(201)
  })

  it('is asked for by a proof, too', async () => {
    const owner = await enrolled()
    const without = await call('POST', '/v1/account/session/proof', owner.token, { password })
    expect(without).toMatchObject({ status: 403, body: { code: 'proof_refused' } })
    const code = nextCode(clock, owner.secret)
    expect((await call('POST', '/v1/account/session/proof', owner.token, { password, code })).status).toBe(200)
  })

  it('wants a proof no older than ten minutes for every change', async () => {
    const owner = await enrolled()
    await store.database
      .sql`update sessions set proved_at = now() - interval '601 seconds' where account_id = ${owner.account.id}`
    for (const [method, path, body] of [
      ['POST', '/v1/account/two-factor', undefined],
      ['PUT', '/v1/account/two-factor', { code: '123456' }],
      ['DELETE', '/v1/account/two-factor', { code: '123456' }],
      ['POST', '/v1/account/backup-codes', undefined],
    ] as const) {
      const refused = await call(method, path, owner.token, body)
      expect([refused.status, refused.body.code]).toEqual([403, 'reauthentication_required'])
    }
  })

  it('tells the owner of every change', async () => {
    const owner = await enrolled()
    await call('POST', '/v1/account/backup-codes', owner.token)
    await call('DELETE', '/v1/account/two-factor', owner.token, { code: nextCode(clock, owner.secret) })
    expect(await listNoticeKinds(store.database, owner.account)).toEqual([
      'two_factor_enabled',
      'backup_codes_renewed',
      'two_factor_disabled',
    ])
  })
})

async function enrolled() {
  const account = await makeAccountWithPassword(store.database)
  const token = await loggedIn(account)
  const { secret } = (await call('POST', '/v1/account/two-factor', token)).body
  const confirmed = await call('PUT', '/v1/account/two-factor', token, { code: nextCode(clock, secret) })
  expect(confirmed.status).toBe(200)
  return { account, token, secret: String(secret), backupCodes: confirmed.body.backupCodes as string[] }
}

async function challengeOf(account: MadeAccount): Promise<string> {
  return String((await logIn(account)).body.challenge)
}

function finish(challenge: string, code: string): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions/two-factor', { body: { challenge, code } })
}

async function loggedIn(account: MadeAccount): Promise<string> {
  return String((await logIn(account)).body.token)
}

function logIn(account: MadeAccount): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions', { body: { email: account.email, password } })
}

function call(method: string, path: string, token: string, body?: unknown): Promise<Called> {
  return send(gateway, method, path, { token, body })
}
