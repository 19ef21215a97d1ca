import { asId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { prepareResets } from '@portcullis/domain/reset/prepare'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trustProxies } from './http/client-ip.ts'
import { makeKnownDevices, makeOwner, makeOwnSession, type MadeOwner, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

/** What happens at the same moment: fifty at a time, twenty times over, on the real store. */
const many = 50
const rounds = 20

const store = useDatabase()
let gateway: OpenGateway
/** A second node: another gateway with connections of its own on the same store. */
let neighbour: OpenGateway
let itsDatabase: Database
beforeAll(async () => {
  const clientIp = trustProxies(['127.0.0.1'])
  gateway = await openGateway(store.database, { clientIp })
  itsDatabase = store.connect('neighbour')
  neighbour = await openGateway(itsDatabase, { clientIp })
})
afterAll(async () => {
  await Promise.all([gateway.close(), neighbour.close()])
  await itsDatabase.close()
})

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))
const statusesOf = (all: readonly Called[]) => all.map(({ status }) => status)
const countOf = (all: readonly Called[], status: number) => all.filter((one) => one.status === status).length

describe('what was revoked is refused from the answer on, on every node, whatever was in flight', () => {
  it.each([
    ['a session, by another session of its owner', ({ sessionId }: MadeOwner) => `sessions/${publicOf(sessionId)}`],
    ['all other sessions at once', () => 'sessions?except=current'],
  ])(
    '%s',
    async (_what, pathOf) => {
      for (let round = 0; round < rounds; round += 1) {
        const owner = await makeOwner(store.database)
        const { token } = await makeOwnSession(store.database, owner.id)
        const before = times(many, () => read(owner.token))
        const revoked = await send(gateway, 'DELETE', `/v1/account/${pathOf(owner)}`, { token })
        const after = await Promise.all(times(many, () => read(owner.token)))
        expect(revoked.status).toBeLessThan(300)
        for (const status of statusesOf(await Promise.all(before)).flat()) expect([200, 401]).toContain(status)
        expect(new Set(statusesOf(after))).toEqual(new Set([401]))
      }
    },
    60_000,
  )

  it('an API key', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { token } = await makeOwner(store.database)
      const wish = { name: 'Nightly', scopes: ['account:read'] }
      const { body: key } = await send(gateway, 'POST', '/v1/account/api-keys', { token, body: wish })
      const before = times(many, (at) => send(nodeOf(at), 'GET', '/v1/account', { token: key.key }))
      expect((await send(gateway, 'DELETE', `/v1/account/api-keys/${key.id}`, { token })).status).toBe(204)
      const after = await Promise.all(times(many, (at) => send(nodeOf(at), 'GET', '/v1/account', { token: key.key })))
      for (const status of statusesOf(await Promise.all(before))) expect([200, 401]).toContain(status)
      expect(new Set(statusesOf(after))).toEqual(new Set([401]))
    }
  }, 60_000)
})

describe('logins of one account', () => {
  it('never leave more than fifty sessions, though sixty log in at once and all are let in', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = await makeOwner(store.database)
      const devices = await makeKnownDevices(store.database, owner.id, 60)
      const logins = await Promise.all(devices.map((device, at) => logIn(owner, at, device)))
      expect(statusesOf(logins)).toEqual(times(60, () => 201))
      const opened = await Promise.all(logins.map(({ headers }) => readByCookie(headers)))
      expect(opened.filter((status) => status === 200)).toHaveLength(50)
      const listed = await send(gateway, 'GET', '/v1/account/sessions', { token: owner.token })
      // The session that the owner had before was the least recently used.
      expect(listed.status).toBe(401)
    }
  }, 120_000)

  it('with the old password never outlive its change, though fifty are under way', async () => {
    for (let round = 0; round < 10; round += 1) {
      const owner = await makeOwner(store.database)
      const devices = await makeKnownDevices(store.database, owner.id, many)
      const logins = devices.map((device, at) => logIn(owner, at, device))
      const body = { currentPassword: ownerPassword, newPassword: `plum-Kettle-${round}7-orbit` }
      const changed = await send(gateway, 'POST', '/v1/account/password', { token: owner.token, body })
      expect(changed.status).toBe(204)
      const done = await Promise.all(logins)
      for (const status of statusesOf(done)) expect([201, 401]).toContain(status)
      const opened = await Promise.all(
        done.filter(({ status }) => status === 201).map(({ headers }) => readByCookie(headers)),
      )
      expect(opened.filter((status) => status !== 401)).toEqual([])
    }
  }, 120_000)
})

describe('a proof of one session by fifty at once', () => {
  it('leaves one token that opens it, and every other is dead', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { token, id } = await makeOwner(store.database)
      const body = { password: ownerPassword }
      const proofs = await Promise.all(
        times(many, (at) => send(nodeOf(at), 'POST', '/v1/account/session/proof', { token, body })),
      )
      for (const status of statusesOf(proofs)) expect([200, 401, 429]).toContain(status)
      const tokens = proofs.flatMap(({ body: told }) => told.token ?? [])
      expect(tokens).toHaveLength(1)
      expect(statusesOf(await Promise.all([token, ...tokens].map((one) => read(one))))).toEqual([401, 200])
      const renewed = (await listAudited(store.database)).filter(
        ({ action, accountId }) => action === 'session_renewed' && accountId === id,
      )
      expect(renewed).toHaveLength(1)
    }
  }, 60_000)
})

describe('a password changed by fifty sessions at once', () => {
  it('is changed once: one new password opens, and one session is left', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = await makeOwner(store.database)
      const sessions = await Promise.all(times(many, () => makeOwnSession(store.database, owner.id)))
      const changes = await Promise.all(
        sessions.map(({ token }, at) => {
          const body = { currentPassword: ownerPassword, newPassword: `plum-Kettle-${at}7-orbit` }
          return send(nodeOf(at), 'POST', '/v1/account/password', { token, body })
        }),
      )
      expect(countOf(changes, 204)).toBe(1)
      for (const status of statusesOf(changes)) expect([204, 401, 403]).toContain(status)
      const alive = await Promise.all(sessions.map(({ token }) => read(token)))
      expect(statusesOf(alive)).toEqual(statusesOf(changes).map((status) => (status === 204 ? 200 : 401)))
      const place = statusesOf(changes).indexOf(204)
      expect((await logIn(owner, 1, undefined, `plum-Kettle-${place}7-orbit`)).status).toBe(201)
      expect((await logIn(owner, 1)).status).toBe(401)
    }
  }, 120_000)
})

describe('a reset token', () => {
  it('opens once of fifty, and then no sibling does: nor one that was still to be mailed, meanwhile or later', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const owner = await makeOwner(store.database)
      const mailed = await prepare(await ask(owner))
      const sibling = await ask(owner)
      const completing = times(many, (at) => complete(nodeOf(at), mailed, `plum-Kettle-${at}7-orbit`))
      const meanwhile = round % 2 === 0 ? await prepare(sibling) : undefined
      const done = await Promise.all(completing)
      const later = meanwhile ?? (await prepare(sibling))
      const bySibling = later === undefined ? [] : [await complete(gateway, later, 'walnut-Kettle-47-orbit')]
      expect(countOf([...done, ...bySibling], 204)).toBe(1)
      expect(countOf([...done, ...bySibling], 422)).toBe(done.length + bySibling.length - 1)
      const codes = [...done, ...bySibling].flatMap(({ body }) => body?.code ?? [])
      expect(new Set(codes)).toEqual(new Set(['token_invalid']))
    }
  }, 120_000)
})

const tokenKey = new Uint8Array(32).fill(9)

async function ask(owner: MadeOwner): Promise<string> {
  const asked = await send(gateway, 'POST', '/v1/password-resets', { body: { email: owner.email } })
  expect(asked.status).toBe(202)
  const [row] = await store.database.sql<{ id: string }[]>`
    select id from password_resets where email_key = ${owner.emailKey} order by requested_at desc, id desc limit 1`
  return row?.id ?? ''
}

/** What the worker does: gives the token of the mail, if there is to be one. */
async function prepare(request: string): Promise<string | undefined> {
  const id = asId('passwordReset', request)
  const prepared = await inTransaction(store.database, (tx) =>
    prepareResets(tx, [id], { tokenKey, validMinutes: 30, limitPerHour: 100 }),
  )
  const found = prepared.get(id)
  return found?.kind === 'mail' ? found.mail.token : undefined
}

function complete(node: OpenGateway, token: string | undefined, password: string): Promise<Called> {
  return send(node, 'POST', '/v1/password-resets/completions', { body: { token, password } })
}

function nodeOf(at: number): OpenGateway {
  return at % 2 === 0 ? gateway : neighbour
}

let reads = 0

/** On either node, in turn. */
function read(token: string): Promise<Called> {
  reads += 1
  return send(nodeOf(reads), 'GET', '/v1/account/session', { token })
}

async function readByCookie(headers: Headers): Promise<number> {
  const cookie = String(headers.getSetCookie()[0]).split(';')[0] ?? ''
  return (await send(neighbour, 'GET', '/v1/account/session', { headers: { cookie } })).status
}

/** Each from a network of its own, so that only the account's counters hold it. */
function logIn(owner: MadeOwner, at: number, device?: string, password = ownerPassword): Promise<Called> {
  const headers = { 'x-forwarded-for': `198.51.${at}.7`, ...(device !== undefined && { cookie: device }) }
  return send(nodeOf(at), 'POST', '/v1/sessions', { headers, body: { email: owner.email, password, cookie: true } })
}

function publicOf(id: string): string {
  return `ses_${id.replaceAll('-', '')}`
}
