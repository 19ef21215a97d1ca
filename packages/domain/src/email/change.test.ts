import { asId, type Id } from '@portcullis/contracts/ids'
import { findAccountByTrustedKey, isCoolingDown, listEmailChanges } from '@portcullis/db/queries/email-change'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { age } from '@portcullis/testkit/age'
import { newUuid } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { openLockdown } from '../lockdown/open.ts'
import { makeRevertTokens } from '../notice/revert-token.ts'
import { prepareRegistration } from '../registration/prepare.ts'
import { requestRegistration } from '../registration/request.ts'
import { prepareResets } from '../reset/prepare.ts'
import { requestPasswordResets } from '../reset/request.ts'
import { confirmEmailChange } from './confirm-change.ts'
import { finishEmailChanges } from './finish-changes.ts'
import { prepareEmailChange } from './prepare-change.ts'
import { requestEmailChange } from './request-change.ts'
import { revertEmailChange } from './revert-change.ts'
import { withdrawEmailChange } from './withdraw-change.ts'

const store = useDatabase()
const keys = { tokenKey: new Uint8Array(32).fill(7) }
let made = 0

it('puts the new address in force when its mailbox confirms, and ends every session and reset link', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  const { id } = await request(owner, email)
  expect(await addressOf(owner)).toBe(owner.email)
  const token = await confirmToken(id)
  const stored = await store.database.sql`select confirm_hash, revert_hash from email_changes where id = ${id}`
  expect(JSON.stringify(stored)).not.toContain(token)
  expect(await confirm(token)).toBe(true)
  expect(await addressOf(owner)).toBe(email)
  expect(await livingSessions(owner)).toBe(0)
  await expectAudited(store.database, id, ['email_change_requested', 'authn_token_created', 'email_changed'])
  const notices = await store.database.sql<{ kind: string; to: string | null }[]>`
    select kind, details ->> 'to' as "to" from notices where account_id = ${owner.id} order by id`
  expect(notices.map(({ kind, to }) => [kind, to])).toEqual([
    ['email_change_requested', null],
    ['email_changed', 'old'],
    ['email_changed', 'new'],
  ])
  expect(JSON.stringify(await listAudited(store.database))).not.toContain(email)
})

it('cannot be confirmed with a used, expired, withdrawn, overtaken or made-up token', async () => {
  const owner = await makeOwner()
  const overtaken = await confirmToken((await request(owner, newEmail())).id)
  const withdrawn = await request(owner, newEmail())
  const withdrawnToken = await confirmToken(withdrawn.id)
  expect(await withdrawEmailChange(store.database, { accountId: owner.id }, withdrawn.id, makeCaller())).toBe(true)
  expect(await withdrawEmailChange(store.database, { accountId: owner.id }, withdrawn.id, makeCaller())).toBe(false)
  const expired = await request(owner, newEmail())
  const expiredToken = await confirmToken(expired.id)
  await age(store.database, 'email_changes', expired.id, 24 * 3600 + 1)
  for (const token of [overtaken, withdrawnToken, expiredToken, expiredToken.slice(1), '']) {
    expect(await confirm(token)).toBe(false)
  }
  expect(await addressOf(owner)).toBe(owner.email)
  const used = await confirmToken((await request(owner, newEmail())).id)
  expect([await confirm(used), await confirm(used)]).toEqual([true, false])
})

it('is not withdrawn by another account', async () => {
  const [owner, other] = [await makeOwner(), await makeOwner()]
  const { id } = await request(owner, newEmail())
  expect(await withdrawEmailChange(store.database, { accountId: other.id }, id, makeCaller())).toBe(false)
  expect(await confirm(await confirmToken(id))).toBe(true)
})

it('to the address of another account tells its owner at their own spelling, makes no token, and looks the same from outside', async () => {
  const taken = await makeAccount(store.database, { email: `Taken-${newEmail()}` })
  const owner = await makeOwner()
  const { id } = await request(owner, taken.emailKey)
  expect(await prepare(id)).toMatchObject({ kind: 'taken', email: taken.email, accountId: taken.id })
  const [row] = await listEmailChanges(store.database, owner.id, 20)
  expect(row).toMatchObject({ id, state: 'requested', newEmail: taken.emailKey })
  const [token] = await store.database.sql`select confirm_hash as hash from email_changes where id = ${id}`
  expect(token).toEqual({ hash: null })
})

it('is void when the address got an account before it was confirmed', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  const { id } = await request(owner, email)
  const token = await confirmToken(id)
  await makeAccount(store.database, { email })
  expect(await confirm(token)).toBe(false)
  await expectAudited(store.database, id, ['email_change_requested', 'authn_token_created', 'email_change_void'])
  expect(await addressOf(owner)).toBe(owner.email)
})

it('of two accounts that confirm one address at once exactly one gets it: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const email = newEmail()
    const owners = [await makeOwner(), await makeOwner()]
    const tokens = []
    for (const owner of owners) tokens.push(await confirmToken((await request(owner, email)).id))
    const done = await Promise.all(tokens.map(confirm))
    expect(done.filter(Boolean)).toHaveLength(1)
    const addresses = await Promise.all(owners.map(addressOf))
    expect(addresses.filter((one) => one === email)).toHaveLength(1)
  }
}, 60_000)

it('is confirmed once and taken back once, however many try at the same time: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const owner = await makeOwner()
    const { id } = await request(owner, newEmail())
    const token = await confirmToken(id)
    const confirmed = await Promise.all(Array.from({ length: 50 }, () => confirm(token)))
    expect(confirmed.filter(Boolean)).toHaveLength(1)
    const back = await revertToken(id)
    const reverted = await Promise.all(Array.from({ length: 50 }, () => revert(back)))
    expect(reverted.filter(Boolean)).toHaveLength(1)
    expect(await addressOf(owner)).toBe(owner.email)
    expect(await lockdownsOf(owner)).toEqual([{ trigger: 'email_reverted', joined: 0 }])
  }
}, 120_000)

it('taken back locks the account since it was asked for, and the way back goes to the old address', async () => {
  const owner = await makeOwner()
  const { id } = await request(owner, newEmail())
  await confirm(await confirmToken(id))
  expect(await revert(await revertToken(id))).toBe(true)
  expect(await addressOf(owner)).toBe(owner.email)
  const [row] = await store.database.sql`
    select account.state, lockdown.compromised_since = date_trunc('milliseconds', change.requested_at) as since
    from accounts as account join lockdowns as lockdown on lockdown.account_id = account.id
    join email_changes as change on change.account_id = account.id where account.id = ${owner.id}`
  expect(row).toEqual({ state: 'locked', since: true })
  expect(await trustedOf(owner.emailKey)).toMatchObject({ id: owner.id, trustedEmail: owner.email })
  expect(await isCoolingDown(store.database, owner.id)).toBe(false)
})

it('taken back while somebody goes on with a session, the old address wins and every door is shut: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const owner = await makeOwner()
    const { id } = await request(owner, newEmail())
    const token = await confirmToken(id)
    await confirm(token)
    const back = await revertToken(id)
    const inside = { ...owner, sessionId: await makeSession(store.database, owner.id) }
    const [reverted] = await Promise.all([
      revert(back),
      confirm(token),
      request(inside, newEmail()).catch(() => undefined),
    ])
    expect(reverted).toBe(true)
    expect(await addressOf(owner)).toBe(owner.email)
    await expect(request(inside, newEmail())).rejects.toMatchObject({ code: 'credential_required' })
    const [open] = await listEmailChanges(store.database, owner.id, 1)
    expect(open?.state).not.toBe('requested')
  }
}, 60_000)

it('cannot be taken back after seven days, nor with a made-up token', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  const { id } = await request(owner, email)
  await confirm(await confirmToken(id))
  const token = await revertToken(id)
  await store.database.sql`update email_changes set revert_until = now() where id = ${id}`
  for (const one of [token, token.slice(1), '']) expect(await revert(one)).toBe(false)
  expect(await addressOf(owner)).toBe(email)
  expect(await lockdownsOf(owner)).toEqual([])
})

it('when it is confirmed and locked down at once, nothing that was asked for before the lock comes into force after it: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const owner = await makeOwner()
    const email = newEmail()
    const token = await confirmToken((await request(owner, email)).id)
    const [confirmed] = await Promise.all([confirm(token), lock(owner)])
    expect(await addressOf(owner)).toBe(confirmed ? email : owner.email)
    expect(await confirm(token)).toBe(false)
    // Also when the account is open again: the epoch is another.
    await store.database.sql`update accounts set state = 'active' where id = ${owner.id}`
    expect(await confirm(token)).toBe(false)
    await expect(request(owner, newEmail())).rejects.toMatchObject({ code: 'credential_required' })
  }
}, 60_000)

it('when it is asked for and the account is locked down at once, no link of it works: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const owner = await makeOwner()
    const [asked] = await Promise.all([request(owner, newEmail()).catch(() => undefined), lock(owner)])
    const prepared = asked && (await prepare(asked.id))
    expect(prepared?.kind).not.toBe('confirm')
    const [open] = await listEmailChanges(store.database, owner.id, 1)
    expect(open?.state).not.toBe('requested')
  }
}, 60_000)

it('fifty requests at once leave one open, and the mailboxes get five mails an hour at most', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  const tries = await Promise.allSettled(Array.from({ length: 50 }, () => request(owner, email)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  const reasons = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
  expect(new Set(reasons)).toEqual(new Set(['rate_limited']))
  const open = await store.database
    .sql`select id from email_changes where account_id = ${owner.id} and state = 'requested'`
  expect(open).toHaveLength(1)
  const other = await makeOwner()
  const { id } = await request(other, email)
  const jobs = await store.database.sql`select id from jobs where payload ->> 'emailChangeId' = ${id}`
  expect(jobs).toHaveLength(0)
})

it('stays open to the old mailbox while a lockdown of these days is not recovered from, however long its owner takes', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  const { id } = await request(owner, email)
  await confirm(await confirmToken(id))
  await lock(owner)
  await store.database.sql`
    update lockdowns set opened_at = now() - interval '20 days' where account_id = ${owner.id}`
  await store.database.sql`update email_changes set revert_until = now() - interval '14 days' where id = ${id}`
  await inTransaction(store.database, (tx) => finishEmailChanges(tx, 100))
  for (const key of [email, owner.emailKey]) {
    expect(await trustedOf(key)).toEqual({ id: owner.id, trustedEmail: owner.email })
  }
  expect(await revert(await revertToken(id))).toBe(true)
  expect(await addressOf(owner)).toBe(owner.email)
  expect(await lockdownsOf(owner)).toEqual([{ trigger: 'admin', joined: 1 }])
})

it('lets no further change in while the last one can be taken back', async () => {
  const owner = await makeOwner()
  const { id } = await request(owner, newEmail())
  await confirm(await confirmToken(id))
  const again = { ...owner, sessionId: await makeSession(store.database, owner.id) }
  await expect(request(again, newEmail())).rejects.toMatchObject({ code: 'cooling_down' })
  expect(await isCoolingDown(store.database, owner.id)).toBe(true)
  await store.database.sql`update email_changes set revert_until = now() where id = ${id}`
  expect(await isCoolingDown(store.database, owner.id)).toBe(false)
  expect((await request(again, newEmail())).id).not.toBe(id)
})

it('to the address that the account has is refused by its rule', async () => {
  const owner = await makeOwner()
  await expect(request(owner, owner.email)).rejects.toMatchObject({
    code: 'validation_failed',
    faults: [{ pointer: '/email', code: 'email_unchanged' }],
  })
})

it('while it can be taken back, a reset asked for with either address is mailed to the old one only', async () => {
  const owner = await makeOwner()
  const email = newEmail()
  await confirm(await confirmToken((await request(owner, email)).id))
  for (const emailKey of [email, owner.emailKey]) {
    await requestPasswordResets(store.database, [{ emailKey, caller: makeCaller() }])
    const [row] = await store.database.sql<{ id: Id<'passwordReset'> }[]>`
      select id from password_resets order by id desc limit 1`
    const id = row?.id ?? asId('passwordReset', '')
    const settings = { ...keys, validMinutes: 30, limitPerHour: 5 }
    const prepared = await inTransaction(store.database, (tx) => prepareResets(tx, [id], settings))
    expect(prepared.get(id)).toMatchObject({ kind: 'mail', mail: { accountId: owner.id, email: owner.email } })
  }
})

it('while it can be taken back, the old address is nobody else’s: not by a registration, not by another change', async () => {
  const owner = await makeOwner()
  await confirm(await confirmToken((await request(owner, newEmail())).id))
  const other = await makeOwner()
  expect(await prepare((await request(other, owner.email)).id)).toMatchObject({ kind: 'taken', email: owner.email })
  const id = asId('registration', newUuid())
  const input = { email: owner.email, emailKey: owner.emailKey, password: 'x', name: 'Ada' }
  await inTransaction(store.database, (tx) => requestRegistration(tx, { id, input, passwordHash: 'x' }, makeCaller()))
  const registration = await inTransaction(store.database, (tx) =>
    prepareRegistration(tx, id, { ...keys, limitPerHour: 5 }),
  )
  expect(registration).toMatchObject({ kind: 'exists', email: owner.email, accountId: owner.id })
})

it('ends by time: final after seven days, void after one, deleted a month later, each with an event', async () => {
  const owners = [await makeOwner(), await makeOwner(), await makeOwner()]
  const [kept, open, fresh] = await Promise.all(owners.map(async (owner) => (await request(owner, newEmail())).id))
  if (!kept || !open || !fresh) throw new Error('three requests were expected')
  await confirm(await confirmToken(kept))
  await store.database.sql`update email_changes set revert_until = now() where id = ${kept}`
  await age(store.database, 'email_changes', open, 24 * 3600 + 1)
  while ((await inTransaction(store.database, (tx) => finishEmailChanges(tx, 2))) >= 2);
  const states = await store.database.sql`
    select state from email_changes where id in ${store.database.sql([kept, open, fresh])} order by requested_at, id`
  expect(states.map((row) => row['state']).toSorted()).toEqual(['final', 'requested', 'void'])
  expect((await listAudited(store.database, kept)).at(-1)).toMatchObject({
    action: 'email_change_final',
    actor: 'system',
  })
  expect((await listAudited(store.database, open)).at(-1)).toMatchObject({ action: 'email_change_void' })
  const old = '01900000-0000-7000-8000-000000000000'
  await store.database.sql`update email_changes set id = ${old} where id = ${kept}`
  await inTransaction(store.database, (tx) => finishEmailChanges(tx, 100))
  const left = await store.database
    .sql`select id from email_changes where id in ${store.database.sql([old, open, fresh])}`
  expect(left).toHaveLength(2)
})

interface Owner extends MadeAccount {
  readonly sessionId: Id<'session'>
}

async function makeOwner(): Promise<Owner> {
  const account = await makeAccount(store.database, { email: `owner-${newEmail()}` })
  return { ...account, sessionId: await makeSession(store.database, account.id) }
}

function newEmail(): string {
  made += 1
  return `someone-${made}@example.com`
}

function request(owner: Owner, email: string) {
  // Guarantee: nothing else of a session is read by it.
  const session = { id: owner.sessionId, accountId: owner.id } as LivingSession
  return inTransaction(store.database, (tx) =>
    requestEmailChange(tx, session, { address: email, key: email.toLowerCase() }, makeCaller()),
  )
}

function prepare(id: Id<'emailChange'>) {
  return inTransaction(store.database, (tx) => prepareEmailChange(tx, id, keys))
}

async function confirmToken(id: Id<'emailChange'>): Promise<string> {
  const prepared = await prepare(id)
  expect(await prepare(id)).toEqual(prepared)
  if (prepared.kind !== 'confirm') throw new Error('a link was expected')
  return prepared.token
}

async function revertToken(id: Id<'emailChange'>): Promise<string> {
  const tokens = await inTransaction(store.database, (tx) => makeRevertTokens(tx, [id], keys))
  const token = tokens.get(id)
  if (token === undefined) throw new Error('a link was expected')
  return token
}

function confirm(token: string): Promise<boolean> {
  return confirmEmailChange(store.database, token, makeCaller())
}

function revert(token: string): Promise<boolean> {
  return revertEmailChange(store.database, token, makeCaller())
}

async function lock({ id: accountId }: Owner): Promise<void> {
  const wanted = { accountId, trigger: 'admin', reason: null, compromisedSince: null, actor: 'admin' } as const
  await inTransaction(store.database, (tx) => openLockdown(tx, { ...wanted, caller: makeCaller() }))
}

function trustedOf(emailKey: string) {
  return findAccountByTrustedKey(store.database, emailKey)
}

async function addressOf({ id }: Owner): Promise<string | undefined> {
  const [row] = await store.database.sql<{ email: string }[]>`select email from accounts where id = ${id}`
  return row?.email
}

async function livingSessions({ id }: Owner): Promise<number> {
  const rows = await store.database.sql`select id from sessions where account_id = ${id} and revoked_at is null`
  return rows.length
}

async function lockdownsOf({ id }: Owner) {
  const rows = await store.database.sql`select trigger, joined from lockdowns where account_id = ${id}`
  return rows.map(({ trigger, joined }) => ({ trigger, joined }))
}
