import { noticeKinds, notices } from '@portcullis/contracts/notice-kind'
import { inTransaction } from '@portcullis/db/transaction'
import { notifyOwner } from '@portcullis/domain/notice/notify'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeCaller } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeOwner, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const path = '/v1/account/notification-preferences'
let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

describe('what is mailed', () => {
  it('is everything until its owner chooses; what was got can be put back', async () => {
    const { token } = await makeOwner(store.database)
    const got = await send(gateway, 'GET', path, { token })
    expect(got.status).toBe(200)
    expect(Object.keys(got.body.kinds).sort()).toEqual(noticeKinds.toSorted())
    for (const kind of noticeKinds) {
      expect(got.body.kinds[kind]).toEqual({ security: notices[kind].security, mail: true })
    }
    expect(await send(gateway, 'PUT', path, { token, body: got.body })).toMatchObject({ status: 200, body: got.body })
  })

  it('is what the owner chose last, and nobody else’s choice', async () => {
    const { id, token } = await makeOwner(store.database)
    const other = await makeOwner(store.database)
    const put = await send(gateway, 'PUT', path, { token, body: { kinds: { backup_codes_low: { mail: false } } } })
    expect(put.body.kinds.backup_codes_low).toEqual({ security: false, mail: false })
    expect((await send(gateway, 'GET', path, { token })).body).toEqual(put.body)
    expect((await send(gateway, 'GET', path, { token: other.token })).body.kinds.backup_codes_low.mail).toBe(true)
    const facts = await listAudited(store.database, id)
    expect(facts.at(-1)).toMatchObject({
      action: 'notification_preferences_changed',
      details: { muted: ['backup_codes_low'] },
    })
    const again = await send(gateway, 'PUT', path, { token, body: { kinds: {} } })
    expect(again.body.kinds.backup_codes_low.mail).toBe(true)
  })

  it.each(noticeKinds.filter((kind) => notices[kind].security))('always has %s: the refusal names it', async (kind) => {
    const { id, token } = await makeOwner(store.database)
    const body = { kinds: { backup_codes_low: { mail: false }, [kind]: { mail: false } } }
    const put = await send(gateway, 'PUT', path, { token, body })
    expect(put).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
    expect(put.body.errors).toMatchObject([{ pointer: `/kinds/${kind}/mail` }])
    const rows = await store.database.sql`select muted from notification_preferences where account_id = ${id}`
    expect([...rows]).toEqual([])
  })

  it.each([{}, { kinds: { nothing: { mail: false } } }, { kinds: { new_device: {} } }, { kinds: [] }, { all: false }])(
    'cannot be said by %j',
    async (body) => {
      const { token } = await makeOwner(store.database)
      expect((await send(gateway, 'PUT', path, { token, body })).status).toBe(422)
    },
  )
})

describe('the language of mails', () => {
  it('is English until its owner chooses another, and can be changed with or without the name', async () => {
    const { id, token } = await makeOwner(store.database)
    expect((await send(gateway, 'GET', '/v1/account', { token })).body).toMatchObject({ language: 'en' })
    const changed = await send(gateway, 'PATCH', '/v1/account', { token, body: { language: 'de' } })
    expect(changed.body).toMatchObject({ language: 'de', name: 'Ada Owner' })
    const both = await send(gateway, 'PATCH', '/v1/account', { token, body: { language: 'en', name: 'Grace' } })
    expect(both.body).toMatchObject({ language: 'en', name: 'Grace' })
    const facts = await listAudited(store.database, id)
    expect(facts.map(({ details }) => details)).toEqual([{ fields: ['language'] }, { fields: ['name', 'language'] }])
  })

  it.each([{ language: 'fr' }, { language: 'DE' }, { language: null }, {}])('cannot be %j', async (body) => {
    const { token } = await makeOwner(store.database)
    expect((await send(gateway, 'PATCH', '/v1/account', { token, body })).status).toBe(422)
  })
})

describe('the activity', () => {
  it('is logins and security events together, newest first, page by page, and nobody else’s', async () => {
    const owner = await makeOwner(store.database)
    const other = await makeOwner(store.database)
    await tell(other.id)
    for (let round = 0; round < 3; round += 1) {
      await logIn(owner.email, round === 1 ? 'Wrong-Horse-7-Battery' : ownerPassword)
      await tell(owner.id)
    }
    const seen: { type: string; occurredAt: string }[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`
      const page = await send(gateway, 'GET', `/v1/account/activity?limit=2${query}`, { token: owner.token })
      expect(page.body.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.body.items)
      cursor = page.body.nextCursor
    }
    expect(seen.map(({ type }) => type)).toEqual(['notice', 'login', 'notice', 'login', 'notice', 'login'])
    expect(seen.map(({ occurredAt }) => occurredAt)).toEqual(
      seen
        .map(({ occurredAt }) => occurredAt)
        .toSorted()
        .toReversed(),
    )
    expect(seen[0]).toEqual({
      type: 'notice',
      occurredAt: seen[0]?.occurredAt,
      kind: 'password_changed',
      security: true,
      network: '8.8.8.0/24',
      location: 'United States',
      device: 'Firefox on Linux',
    })
    expect(seen[3]).toMatchObject({ type: 'login', outcome: 'wrong_password' })
  })
})

function tell(accountId: Awaited<ReturnType<typeof makeOwner>>['id']) {
  return inTransaction(store.database, (tx) =>
    notifyOwner(tx, { accountId, kind: 'password_changed', caller: makeCaller({ ip: '8.8.8.8' }) }),
  )
}

function logIn(email: string, password: string) {
  return send(gateway, 'POST', '/v1/sessions', { body: { email, password } })
}
