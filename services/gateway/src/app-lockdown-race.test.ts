import { isSshKeyAlive } from '@portcullis/db/queries/ssh-key'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runLockdown } from './testing/lockdown-ground.ts'
import { makeKnownDevices, makeOwner, makeOwnSession, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'
import { newSshKeyLine } from './testing/ssh-key-line.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

const rounds = 20
const emailChange = '/v1/account/email-changes'

/** Fifty calls that each would make something that opens or moves the account. */
async function makeCalls(owner: Awaited<ReturnType<typeof makeOwner>>): Promise<(() => Promise<Called>)[]> {
  const { database } = store
  const cookies = await makeKnownDevices(database, owner.id, 20)
  const sessions = await Promise.all(Array.from({ length: 30 }, () => makeOwnSession(database, owner.id)))
  const logins = cookies.map((cookie) => () => {
    const body = { email: owner.email, password: ownerPassword }
    return send(gateway, 'POST', '/v1/sessions', { body, headers: { cookie } })
  })
  const makers = sessions.map(({ token }, at) => () => {
    if (at % 3 === 0) {
      const body = { name: `key ${at}`, scopes: ['account:read'] }
      return send(gateway, 'POST', '/v1/account/api-keys', { token, body })
    }
    if (at % 3 === 1) {
      const body = { name: `key ${at}`, publicKey: newSshKeyLine() }
      return send(gateway, 'POST', '/v1/account/ssh-keys', { token, body })
    }
    return send(gateway, 'POST', emailChange, { token, body: { email: `thief-${at}-${owner.id}@example.com` } })
  })
  return [...logins, ...makers]
}

it(`of fifty logins, new keys and changes of address against a lockdown nothing survives it: ${rounds} times`, async () => {
  let made = 0
  for (let round = 0; round < rounds; round += 1) {
    await store.database.sql`delete from throttles`
    const owner = await makeOwner(store.database)
    const calls = await makeCalls(owner)
    const place = (round * 5) % calls.length
    const lock = () => send(gateway, 'POST', '/v1/account/lockdowns', { token: owner.token, body: {} })
    const [locked, ...answers] = await Promise.all([
      ...calls.slice(0, place).map((one) => one()),
      lock(),
      ...calls.slice(place).map((one) => one()),
    ]).then((all) => [all[place], ...all.toSpliced(place, 1)])
    expect(locked?.status).toBe(202)
    // Every token that was handed out, before the lock or after it, at this moment.
    const tokens = (answers as Called[]).flatMap(({ body }) => [body?.token ?? [], body?.key ?? []].flat())
    made += tokens.length
    for (const token of tokens) expect((await send(gateway, 'GET', '/v1/account', { token })).status).toBe(401)
    const { sql } = store.database
    const keys = await sql`
      select ssh_key.id from ssh_keys as ssh_key join accounts as account on account.id = ssh_key.account_id
      where account.id = ${owner.id} and ${isSshKeyAlive(store.database)}`
    expect(keys).toEqual([])
    await runLockdown(store.database, locked?.body.id)
    const [left] = await sql`
      select (select count(*)::int from sessions where account_id = ${owner.id} and revoked_at is null) as sessions,
        (select count(*)::int from api_keys where account_id = ${owner.id} and revoked_at is null) as "apiKeys",
        (select count(*)::int from ssh_keys where account_id = ${owner.id} and revoked_at is null) as "sshKeys",
        (select count(*)::int from email_changes where account_id = ${owner.id} and state = 'requested') as changes,
        (select email from accounts where id = ${owner.id}) as email`
    expect(left).toEqual({ sessions: 0, apiKeys: 0, sshKeys: 0, changes: 0, email: owner.email })
  }
  // Else the lock always came first, and there was no race.
  expect(made).toBeGreaterThan(rounds)
}, 180_000)
