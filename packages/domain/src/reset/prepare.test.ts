import { createHash } from 'node:crypto'
import { asId, type Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { describe, expect, it } from 'vitest'
import { type PreparedReset, prepareResets, type ResetSettings } from './prepare.ts'
import { requestPasswordResets } from './request.ts'

const store = useDatabase()
const settings: ResetSettings = { tokenKey: new Uint8Array(32).fill(7), validMinutes: 30, limitPerHour: 5 }

describe('a reset that is prepared', () => {
  it('has a token whose hash alone is stored, for 30 minutes, and forgets the address that was asked for', async () => {
    const account = await makeAccount(store.database)
    const id = await ask(account.emailKey)
    const [made] = await prepare([id])
    if (made?.kind !== 'mail') throw new Error('a mail was expected')
    expect(made.mail).toMatchObject({ email: account.email, name: account.name, accountId: account.id })
    expect(made.mail.token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const row = await read(id)
    expect(row).toMatchObject({ state: 'ready', email_key: null, account_id: account.id, minutes: 30 })
    expect(row.token_hash).toEqual(createHash('sha256').update(made.mail.token).digest())
    await expectAudited(store.database, id, ['authn_password_reset_requested', 'authn_token_created'])
  })

  it('is the same again when the worker is, and counts once', async () => {
    const account = await makeAccount(store.database)
    const id = await ask(account.emailKey)
    const [first] = await prepare([id])
    for (let again = 0; again < 8; again += 1) expect(await prepare([id])).toEqual([first])
    await expectAudited(store.database, id, ['authn_password_reset_requested', 'authn_token_created'])
  })

  it('is mailed again as it was, though the key was rotated meanwhile, and never otherwise', async () => {
    const account = await makeAccount(store.database)
    const id = await ask(account.emailKey)
    const [first] = await prepare([id])
    const tokenKey = new Uint8Array(32).fill(8)
    const [again] = await prepare([id], { ...settings, tokenKey, tokenKeysOld: [settings.tokenKey] })
    expect(tokenOf(again)).toBe(tokenOf(first))
    // The database alone makes no token, and a link that opens nothing is not mailed.
    await expect(prepare([id], { ...settings, tokenKey })).rejects.toMatchObject({ code: 'internal_error' })
    expect(tokenOf((await prepare([id]))[0])).toBe(tokenOf(first))
  })
})

it('an address without an account gets no token, and nothing of it is kept', async () => {
  const id = await ask('nobody@example.com')
  expect(await prepare([id])).toEqual([{ kind: 'none', why: 'unknown' }])
  expect(await read(id)).toMatchObject({
    state: 'unknown',
    email_key: null,
    account_id: null,
    ip: null,
    user_agent: null,
  })
  await expectAudited(store.database, id, ['authn_password_reset_requested', 'authn_password_reset_unmatched'])
})

it('a newer request voids the older token', async () => {
  const account = await makeAccount(store.database)
  const older = await ask(account.emailKey)
  await prepare([older])
  const newer = await ask(account.emailKey)
  await prepare([newer])
  expect([(await read(older)).state, (await read(newer)).state]).toEqual(['void', 'ready'])
})

it('an older request that is worked off late voids nothing', async () => {
  const account = await makeAccount(store.database)
  const [older, newer] = [await ask(account.emailKey), await ask(account.emailKey)]
  await prepare([newer])
  expect(await prepare([older])).toEqual([{ kind: 'none', why: 'superseded' }])
  expect([(await read(older)).state, (await read(newer)).state]).toEqual(['void', 'ready'])
})

it('a recipient gets five mails an hour, however many workers there are', async () => {
  const account = await makeAccount(store.database)
  const ids: Id<'passwordReset'>[] = []
  for (let count = 0; count < 12; count += 1) ids.push(await ask(account.emailKey))
  // One after another, as each must be the newest when it is worked off.
  for (const id of ids.slice(0, 4)) await prepare([id])
  const results = await Promise.all(ids.slice(4).map((id) => prepare([id])))
  const states = await Promise.all(ids.map(async (id) => (await read(id)).state))
  const mailed = 4 + results.flat().filter((one) => one?.kind === 'mail').length
  expect(mailed).toBeLessThanOrEqual(5)
  expect(states.filter((state) => state === 'ready')).toHaveLength(1)

  const sixth = await ask(account.emailKey)
  while ((await countReady(account.id)) < 5) await prepare([await ask(account.emailKey)])
  const seventh = await ask(account.emailKey)
  expect(await prepare([seventh])).toEqual([{ kind: 'none', why: 'limited' }])
  expect((await read(sixth)).state).not.toBe('ready')
  await expectAudited(store.database, seventh, ['authn_password_reset_requested', 'excess_rate_limit_exceeded'])
})

it('the limit lets go after an hour', async () => {
  const account = await makeAccount(store.database)
  const one = { ...settings, limitPerHour: 1 }
  const first = await ask(account.emailKey)
  await prepare([first], one)
  expect(await prepare([await ask(account.emailKey)], one)).toEqual([{ kind: 'none', why: 'limited' }])
  await age(store.database, 'password_resets', first, 3601)
  expect(await prepare([await ask(account.emailKey)], one)).toMatchObject([{ kind: 'mail' }])
})

it('a password changed after the request makes it void', async () => {
  const account = await makeAccount(store.database)
  const id = await ask(account.emailKey)
  await store.database.sql`update accounts set password_changed_at = now() where id = ${account.id}`
  expect(await prepare([id])).toEqual([{ kind: 'none', why: 'superseded' }])
})

async function ask(emailKey: string): Promise<Id<'passwordReset'>> {
  const caller = makeCaller()
  await requestPasswordResets(store.database, [{ emailKey, caller }])
  const [row] = await store.database.sql<{ subject_id: string }[]>`
    select subject_id from audit_events where request_id = ${caller.requestId}`
  return asId('passwordReset', String(row?.subject_id))
}

async function prepare(ids: readonly Id<'passwordReset'>[], given = settings): Promise<(PreparedReset | undefined)[]> {
  const prepared = await inTransaction(store.database, (tx) => prepareResets(tx, ids, given))
  return ids.map((id) => prepared.get(id))
}

async function read(id: string) {
  const [row] = await store.database.sql<{ state: string; token_hash: Buffer | null }[]>`
    select state, email_key, account_id, token_hash, ip, user_agent,
      extract(epoch from expires_at - ready_at)::int / 60 as minutes
    from password_resets where id = ${id}`
  if (!row) throw new Error('no such reset')
  return row
}

async function countReady(accountId: string): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`
    select count(*)::int from password_resets where account_id = ${accountId} and ready_at is not null`
  return row?.count ?? 0
}

function tokenOf(prepared: PreparedReset | undefined): string | undefined {
  return prepared?.kind === 'mail' ? prepared.mail.token : undefined
}
