import { readFileSync } from 'node:fs'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { revocationShards } from '@portcullis/contracts/revocation'
import { connectDatabase } from '@portcullis/db/connect'
import { listDueClosings } from '@portcullis/db/queries/account-closing'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { endSessionsOnBehalf } from '@portcullis/domain/account/on-behalf'
import { changeAccountAsStaff } from '@portcullis/domain/admin/change-account'
import type { AskingStaff } from '@portcullis/domain/admin/staff'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { revokeOwnApiKey } from '@portcullis/domain/api-key/revoke'
import { closeDue } from '@portcullis/domain/closing/close-due'
import { requestClosing } from '@portcullis/domain/closing/request'
import { confirmEmailChange } from '@portcullis/domain/email/confirm-change'
import { revertEmailChange } from '@portcullis/domain/email/revert-change'
import { reportLeaks } from '@portcullis/domain/leak/report'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import { beginRecovery } from '@portcullis/domain/lockdown/recover-begin'
import { recoverPassword } from '@portcullis/domain/lockdown/recover-password'
import { recoverReview } from '@portcullis/domain/lockdown/recover-review'
import { createLockdownRunner } from '@portcullis/domain/lockdown/run'
import { changePassword } from '@portcullis/domain/password/change'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { endRental } from '@portcullis/domain/rental/end'
import { completePasswordReset } from '@portcullis/domain/reset/complete'
import { draftRevocation } from '@portcullis/domain/revocation/draft'
import { moveRevocation } from '@portcullis/domain/revocation/move'
import { workChunk } from '@portcullis/domain/revocation/work'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { logout, revokeOwnSession, revokeOwnSessions } from '@portcullis/domain/session/revoke'
import { revokeOwnSshKey } from '@portcullis/domain/ssh-key/revoke'
import { hashMailedToken } from '@portcullis/domain/token/mailed-token'
import { encodeBase32 } from '@portcullis/domain/two-factor/base32'
import { beginTwoFactor } from '@portcullis/domain/two-factor/begin'
import { confirmTwoFactor } from '@portcullis/domain/two-factor/confirm'
import { disableTwoFactor } from '@portcullis/domain/two-factor/disable'
import { renewBackupCodes } from '@portcullis/domain/two-factor/renew-backup-codes'
import { sealSecret } from '@portcullis/domain/two-factor/secret'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { createSealer } from '@portcullis/runtime/seal'
import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { type FullAccount, makeFullAccount } from '@portcullis/testkit/full-account'
import { expect, it } from 'vitest'

const store = useDatabase()
const hasher = createPasswordHasher({ memoryKib: 8, passes: 1, atOnceMost: 4, queueMost: 200 })
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] })
const oldPassword = 'Correct-Horse-7-Battery'
const newPassword = 'Another-Horse-8-Battery'
const caller = makeCaller()

/** An account with everything, and the session that acts. */
interface Stage {
  readonly account: FullAccount
  readonly session: LivingSession
  readonly others: readonly Id<'session'>[]
  readonly secret: string
}

const deps = () => ({ database: store.database, hasher, sealer, clock: systemClock, vet: async () => [] })
const codeOf = (stage: Stage) => authenticatorCode(stage.secret, systemClock.now())

/** The real verbs behind the rows of the table. */
const events: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  lockdown: (stage) => lockDown(stage),
  'lockdown, second factor enrolled within the suspect window': async (stage) => {
    await store.database.sql`update totp_factors set confirmed_at = now() where account_id = ${stage.account.id}`
    await lockDown(stage)
  },
  'password changed by its owner': ({ session }) =>
    changePassword(deps(), session, { currentPassword: oldPassword, newPassword }, caller),
  'password reset by mail': async (stage) => {
    const token = stage.account.id
    await store.database.sql`
      update password_resets set token_hash = ${hashMailedToken(token)} where account_id = ${stage.account.id}`
    await completePasswordReset(deps(), { token, password: newPassword, code: codeOf(stage) }, caller)
  },
  'two-factor enabled': async ({ session, account }) => {
    await store.database.sql`delete from totp_factors where account_id = ${account.id}`
    await store.database.sql`delete from backup_codes where account_id = ${account.id}`
    const begun = await beginTwoFactor({ ...deps(), issuer: 'Test' }, session, caller, account.email)
    await confirmTwoFactor(deps(), session, authenticatorCode(begun?.secret ?? '', systemClock.now()), caller)
  },
  'two-factor disabled': (stage) => disableTwoFactor(deps(), stage.session, codeOf(stage), caller),
  'backup codes renewed': ({ session }) => renewBackupCodes(deps(), session, caller),
  logout: ({ session }) => logout(store.database, session, caller),
  'one session ended': ({ session, others }) => revokeOwnSession(store.database, session, others[0]!, caller),
  'all other sessions ended': ({ session }) => revokeOwnSessions(store.database, session, true, caller),
  'all sessions ended': ({ session }) => revokeOwnSessions(store.database, session, false, caller),
  'all sessions ended by staff or a back end': ({ account }) =>
    inTransaction(store.database, (tx) =>
      endSessionsOnBehalf(tx, { actor: 'admin', actorId: newId('account'), reason: 'a test', caller }, account.id),
    ),
  'one API key revoked': async ({ session, account }) => {
    const [key] = await store.database.sql<{ id: Id<'apiKey'> }[]>`
      select id from api_keys where account_id = ${account.id} limit 1`
    await revokeOwnApiKey(store.database, session, key!.id, caller)
  },
  'one SSH key revoked': async ({ session, account }) => {
    const [key] = await store.database.sql<{ id: Id<'sshKey'> }[]>`
      select id from ssh_keys where account_id = ${account.id} limit 1`
    await revokeOwnSshKey(store.database, session, key!.id, caller)
  },
  'a rental given back': ({ account }) => endRental(store.database, newId('apiClient'), account.rentals[0]!, caller),
  'lockdown, then recovered from': async (stage) => {
    const id = await lockDown(stage)
    await store.database.sql`update lockdowns set recovery_hash = ${hashMailedToken(id)} where id = ${id}`
    const begun = await beginRecovery(store.database, id, { token: id }, caller)
    const grant = 'grant' in begun ? (begun.grant ?? '') : ''
    const recovery = { ...deps(), issuer: 'Test' }
    await recoverPassword(recovery, id, { grant, password: newPassword, code: codeOf(stage) }, caller)
    expect(await recoverReview(recovery, id, { grant, decisions: [] }, caller)).toEqual({ kind: 'recovered' })
  },
  'e-mail change confirmed': ({ account }) => confirmChange(account.id),
  'e-mail change taken back by the old mailbox': async ({ account }) => {
    await confirmChange(account.id)
    await store.database.sql`
      update email_changes set revert_hash = ${hashMailedToken(account.id)} where account_id = ${account.id}`
    expect(await revertEmailChange(store.database, account.id, caller)).toBe(true)
    await runLockdowns(account.id)
  },
  'an API key found in public': async ({ account }) => {
    const { key, hash } = newApiKey('live')
    await store.database.sql`
      update api_keys set key_hash = ${hash} where id = (select id from api_keys where account_id = ${account.id} limit 1)`
    const reporter = { actor: 'api_client', actorId: newId('apiClient'), by: 'client', caller } as const
    await reportLeaks(store.database, 'report', [{ token: key }], reporter)
  },
  'account disabled by staff': async ({ account }) => changeAccount(account.id, { state: 'disabled' }),
  'account disabled by staff, and enabled again': async ({ account }) => {
    await changeAccount(account.id, { state: 'disabled' })
    await changeAccount(account.id, { state: 'active' })
  },
  'role changed by staff': async ({ account }) => changeAccount(account.id, { role: 'support' }),
  'bulk revocation of every kind': async ({ account }) => {
    const [by, id] = [await makeAdmin(), newId('revocation')]
    const free = connectDatabase({ url: store.url, name: 'free', poolSize: 1, planner: 'free' })
    const kinds = ['sessions', 'apiKeys', 'sshKeys'] as const
    const wish = { reason: 'Ticket 4711', fence: false, ratePerSecond: null, includeOwnSession: false, kinds }
    const selector = { accountIds: [formatId('account', account.id)] }
    await inTransaction(free, (tx) => draftRevocation(tx, by, id, { ...wish, selector }, sessionLimits))
    await free.close()
    await moveRevocation(store.database, by, id, 'start')
    for (let shard = 0; shard < revocationShards; shard += 1) {
      const place = { id, shard, after: null, most: 10 }
      await inTransaction(store.database, (tx) => workChunk(tx, place, sessionLimits))
    }
  },
  'account to be closed by its owner': ({ session }) =>
    inTransaction(store.database, (tx) => requestClosing(tx, session, 14, caller)),
  'account closed': async ({ session }) => {
    await inTransaction(store.database, (tx) => requestClosing(tx, session, 14, caller))
    await store.database.sql`
      update account_closings set due_at = now() - interval '1 s' where account_id = ${session.accountId}`
    const due = await listDueClosings(store.database, undefined, 10)
    const closing = due.find(({ accountId }) => accountId === session.accountId)!
    expect(await inTransaction(store.database, (tx) => closeDue(tx, closing, caller.traceparent))).toBe('closed')
  },
}

/** One of the staff, in a session with a second factor. */
async function makeAdmin(): Promise<AskingStaff> {
  const { id: accountId } = await makeAccount(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${accountId}`
  const id = await makeSession(store.database, accountId)
  await store.database.sql`update sessions set second_factor = true where id = ${id}`
  return { session: { id, accountId, role: 'admin' }, caller }
}

async function changeAccount(
  accountId: Id<'account'>,
  change: { readonly role?: 'support'; readonly state?: 'active' | 'disabled' },
): Promise<void> {
  const by = await makeAdmin()
  const work = { ...change, reason: 'Ticket 4711' }
  expect(await inTransaction(store.database, (tx) => changeAccountAsStaff(tx, by, accountId, work))).toBe(true)
}

async function confirmChange(accountId: Id<'account'>): Promise<void> {
  await store.database.sql`
    update email_changes set confirm_hash = ${hashMailedToken(accountId)} where account_id = ${accountId}`
  expect(await confirmEmailChange(store.database, accountId, caller)).toBe(true)
}

async function runLockdowns(accountId: Id<'account'>): Promise<Id<'lockdown'>> {
  const [row] = await store.database.sql<
    { id: Id<'lockdown'> }[]
  >`select id from lockdowns where account_id = ${accountId}`
  const run = createLockdownRunner({ database: store.database, failpoint: () => {}, onStepFailed: String })
  await run(row!.id)
  return row!.id
}

async function lockDown({ account }: Stage): Promise<Id<'lockdown'>> {
  const request = {
    accountId: account.id,
    trigger: 'admin',
    reason: null,
    compromisedSince: null,
    actor: 'admin',
  } as const
  await inTransaction(store.database, (tx) => openLockdown(tx, { ...request, caller }))
  return runLockdowns(account.id)
}

async function stageFor(): Promise<Stage> {
  const { sql } = store.database
  const account = await makeFullAccount(store.database, { sessions: 3 })
  const secret = randomBytesOf(20)
  await sql`update accounts set password_hash = ${await hasher.hash(oldPassword)} where id = ${account.id}`
  await sql`
    update totp_factors set secret_sealed = ${sealSecret(sealer, account.id, secret)} where account_id = ${account.id}`
  const rows = await sql<LivingSession[]>`
    select session.id, device_name as "deviceName", user_agent as "userAgent", country, second_factor as "secondFactor",
      session.created_at as "createdAt", last_seen_at as "lastSeenAt", proved_at as "provedAt", expires_at as "expiresAt",
      account_id as "accountId", role, 0 as "provedSecondsAgo"
    from sessions as session join accounts as account on account.id = account_id where account_id = ${account.id} order by id`
  const [session, ...others] = rows
  return { account, session: session!, others: others.map(({ id }) => id), secret: encodeBase32(secret) }
}

/** What opens the account at this moment, of each kind: names of things, so that a new one is told from an old one. */
async function readStanding({ account: { id }, session }: Stage): Promise<Record<string, string[]>> {
  const [row] = await store.database.sql<Record<string, string[]>[]>`
    select
      array(select id::text from sessions where id = ${session.id} and revoked_at is null and epoch = account.security_epoch
        and account.state = 'active') as "this session",
      array(select id::text from sessions where account_id = account.id and id <> ${session.id} and revoked_at is null
        and epoch = account.security_epoch and account.state = 'active') as "other sessions",
      array(select id::text from api_keys where account_id = account.id and revoked_at is null
        and epoch = account.security_epoch and account.state = 'active') as "API keys",
      array(select id::text from ssh_keys where account_id = account.id and revoked_at is null
        and epoch = account.security_epoch and account.state = 'active') as "SSH keys",
      array(select rental_id || ssh_key_id from rental_keys join rentals on rentals.id = rental_id
        where account_id = account.id and state <> 'withdrawn') as "keys on servers",
      array(select id::text from password_resets where account_id = account.id and state = 'ready'
        and account.state = 'active') as "reset link",
      array(select id::text from login_challenges where account_id = account.id and used_at is null
        and epoch = account.security_epoch and account.state = 'active') as "login challenge",
      array(select id::text from email_changes where account_id = account.id and email_changes.state = 'requested'
        and epoch = account.security_epoch and account.state = 'active') as "e-mail change",
      array(select id::text from known_devices where account_id = account.id) as "known devices",
      array(select code_hash from backup_codes where account_id = account.id and used_at is null) as "backup codes",
      array(select secret_sealed from totp_factors where account_id = account.id and confirmed_at is not null) as "TOTP",
      array(select password_hash from accounts as own where own.id = account.id and password_hash is not null) as "password",
      array(select id from rentals where account_id = account.id and ended_at is null and account.state = 'active')
        as "rental token"
    from accounts as account where account.id = ${id}`
  if (!row) throw new Error('the account is gone')
  return row
}

/** One cell, in the words of the table. */
function cellOf(before: readonly string[], after: readonly string[]): string {
  const left = before.filter((name) => after.includes(name)).length
  if (after.length > left) return 'new'
  if (left === before.length) return 'stays'
  if (left === 0) return 'ends'
  return before.length - left === 1 ? 'one ends' : 'some end'
}

/** The table of the README: event -> kind -> what happens. */
function readTable(): Map<string, Record<string, string>> {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const lines = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const at = lines.findIndex(([first]) => first === 'security event')
  const kinds = lines[at]?.slice(1) ?? []
  const table = new Map<string, Record<string, string>>()
  for (const [event, ...cells] of lines.slice(at + 2)) {
    if (event === undefined) break
    table.set(event, Object.fromEntries(kinds.map((kind, place) => [kind, cells[place] ?? ''])))
  }
  return table
}

it('the table of the README has a row for each event, and no other', () => {
  expect([...readTable().keys()]).toEqual(Object.keys(events))
})

it.each(Object.keys(events))('what the README says of each kind of credential happens on: %s', async (event) => {
  const stage = await stageFor()
  const before = await readStanding(stage)
  await events[event]?.(stage)
  const after = await readStanding(stage)
  const observed = Object.entries(before).map(([kind, names]) => [kind, cellOf(names, after[kind] ?? [])])
  expect(Object.fromEntries(observed)).toEqual(readTable().get(event))
})
