import type { Id } from '@portcullis/contracts/ids'
import { findLatestClosing, insertClosing } from '@portcullis/db/queries/account-closing'
import { listDueDeliveries } from '@portcullis/db/queries/webhook-delivery'
import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { verifyExport } from '@portcullis/domain/audit/verify'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import type { Job } from '@portcullis/queue/handler'
import { systemClock } from '@portcullis/runtime/clock'
import { newId, newUuid } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { asFile, exportLines, makeAuditKeys, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { makeFullAccount } from '@portcullis/testkit/full-account'
import { beforeEach, describe, expect, it } from 'vitest'
import { handleCloseAccounts } from './handle.ts'

const store = useDatabase()
const keys = makeAuditKeys()
const log = createLogger({ service: 'test', level: 'silent' })
const never = new AbortController().signal

beforeEach(async () => {
  const { sql } = store.database
  await sql`truncate accounts, account_closings, audit_events, audit_chain, audit_seals, jobs, operations,
    webhook_endpoints, registrations, idempotency_keys cascade`
})

const step = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)

/** What the tick does, a few rows at a time. */
async function tick(with_: typeof step = step): Promise<void> {
  const job: Job<'close.accounts'> = {
    id: newId('job'),
    message: 'close.accounts',
    payload: {},
    attempts: 0,
    createdAt: systemClock.now(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }
  await handleCloseAccounts({ log, chunkRows: 7 }).run(job, with_, never)
}

/** Asks for a closing that is due. */
async function askDue(accountId: Id<'account'>): Promise<Id<'accountClosing'>> {
  const id = newId('accountClosing')
  await inTransaction(store.database, (tx) => insertClosing(tx, { id, accountId, keepSalt: new Uint8Array(16) }, 14))
  await store.database.sql`update account_closings set due_at = now() - interval '1 second' where id = ${id}`
  return id
}

/** The last mail went out, and every rented server has asked for its keys. */
async function settle(accountId: Id<'account'>): Promise<void> {
  await store.database.sql`update notices set mailed_at = now() where account_id = ${accountId}`
  await store.database.sql`
    update rental_keys set confirmed_at = now() from rentals
    where rentals.id = rental_id and rentals.account_id = ${accountId}`
}

async function stateOf(accountId: Id<'account'>): Promise<string | undefined> {
  return (await findLatestClosing(store.database, accountId))?.state
}

const canaries = {
  name: 'Quintessa Vermilion',
  ip: '203.0.113.77',
  network: '198.51.100.0/24',
  userAgent: 'CanaryBrowser/9.9 (TellTale)',
  deviceName: 'canary laptop',
  apiKeyName: 'canary nightly backup',
  sshKeyName: 'canary workstation',
  host: 'canary-host.example.net',
  reason: 'my canary was stolen',
  signal: 'canary_payment',
} as const

/** An account that has left something personal wherever a person can. */
async function makeCanary() {
  const { sql } = store.database
  const account = await makeFullAccount(store.database, { sessions: 9 })
  const { id, email, emailKey } = account
  await sql`update accounts set name = ${canaries.name} where id = ${id}`
  await sql`
    update sessions set user_agent = ${canaries.userAgent}, ip = ${canaries.ip}, device_name = ${canaries.deviceName}
    where account_id = ${id}`
  await sql`update api_keys set name = ${canaries.apiKeyName} || ' ' || slot where account_id = ${id}`
  await sql`update ssh_keys set name = ${canaries.sshKeyName} || ' ' || slot where account_id = ${id}`
  await sql`update rentals set host = ${canaries.host} where account_id = ${id}`
  await sql`update risk_signals set reason = ${canaries.signal} where account_id = ${id}`
  // A session that ended long ago, and a long history.
  const ended = newUuid()
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, revoked_at, user_agent)
    values (${ended}, ${id}, sha256(${ended}::text::bytea), 1, now(), now(), ${canaries.userAgent})`
  await sql`
    insert into login_events (id, account_id, outcome, factors, session_id, network, device)
    select uuidv7(), ${id}, 'success', 'password', case when n = 1 then ${ended}::uuid end, ${canaries.network},
      ${canaries.userAgent} from generate_series(1, 40) as n`
  await sql`
    insert into notices (id, account_id, kind, ip, user_agent, details, mailed_at)
    select uuidv7(), ${id}, 'new_device', ${canaries.ip}, ${canaries.userAgent},
      jsonb_build_object('name', ${canaries.deviceName}::text), now() from generate_series(1, 30)`
  await sql`
    insert into registrations (id, email, email_key, name, password_hash, salt, ip, expires_at)
    values (uuidv7(), ${email}, ${emailKey}, ${canaries.name}, 'h', '\\x00', ${canaries.ip}, now() + interval '1 day')`
  await sql`
    insert into idempotency_keys (route, scope, key_hash, body_hash, status, answer)
    values ('createApiKey', ${id}, '\\x01', '\\x02', 201, jsonb_build_object('name', ${canaries.apiKeyName}::text))`
  await sql`insert into notification_preferences (account_id, muted) values (${id}, '{backup_codes_low}')`
  await sql`
    insert into former_passwords (id, account_id, password_hash) values (uuidv7(), ${id}, '$argon2id$canary-former')`
  await addLockdown(id)
  await addExport(id)
  return account
}

/** One that was recovered from: it does not stand in the way. */
async function addLockdown(id: Id<'account'>): Promise<void> {
  const { sql } = store.database
  const opened = await inTransaction(store.database, (tx) =>
    openLockdown(tx, {
      accountId: id,
      trigger: 'owner',
      reason: canaries.reason,
      compromisedSince: null,
      actor: 'account',
      actorId: id,
      caller: makeCaller({ ip: canaries.ip, userAgent: canaries.userAgent }),
    }),
  )
  await sql`
    insert into lockdown_items (id, lockdown_id, kind, subject, occurred_at, summary, suspect)
    values (uuidv7(), ${opened?.lockdown.id ?? ''}, 'session', 'x', now(),
      jsonb_build_object('device', ${canaries.userAgent}::text), true)`
  await sql`update lockdowns set state = 'recovered', recovered_at = now() where account_id = ${id}`
  await sql`update accounts set state = 'active' where id = ${id}`
}

async function addExport(id: Id<'account'>): Promise<void> {
  const { sql } = store.database
  const exportId = newUuid()
  await sql`insert into operations (id, kind, actor, account_id) values (${exportId}, 'account_export', 'account', ${id})`
  await sql`insert into account_exports (id, account_id) values (${exportId}, ${id})`
  await sql`insert into account_export_parts (export_id, part, lines_sealed) values (${exportId}, 0, 'canary-sealed')`
}

/** Every row of every table, as text. */
async function dump(): Promise<Map<string, string>> {
  const { sql } = store.database
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`
  const dumped = new Map<string, string>()
  for (const { name } of tables) {
    const rows = await sql<{ row: string }[]>`select one::text as row from ${sql(name)} as one`
    dumped.set(name, rows.map((row) => row.row).join('\n'))
  }
  return dumped
}

/** The tables whose rows hold a text. */
async function tablesWith(text: string): Promise<string[]> {
  return [...(await dump())].flatMap(([table, rows]) => (rows.includes(text) ? [table] : []))
}

async function rowsOf(id: Id<'account'>): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`
    select count(*)::int as count from login_events where account_id = ${id}`
  return row?.count ?? 0
}

describe('an account whose grace period is over', () => {
  it('is closed, told, and erased without a trace of its owner; the audit chain holds', async () => {
    const account = await makeCanary()
    const secrets = [account.email, account.emailKey, ...Object.values(canaries)]
    for (const secret of secrets) expect(await tablesWith(secret), secret).not.toEqual([])
    const bystander = await makeFullAccount(store.database, { sessions: 2 })
    await askDue(account.id)
    await tick()
    expect(await stateOf(account.id)).toBe('closed')
    await settle(account.id)
    await tick()
    expect(await stateOf(account.id)).toBe('erased')
    await sealAll(store.database, keys)
    const deleted = (await listAudited(store.database)).find((event) => event.action === 'user_deleted')
    expect(deleted).toMatchObject({ actor: 'system', accountId: account.id })
    await tick()
    for (const secret of secrets) expect(await tablesWith(secret), secret).toEqual([])
    // What is left is the proof that it was erased. Jobs are gone after days, and hold ids only.
    expect(await tablesWith(account.id)).toEqual(['account_closings'])
    expect(await verifyExport(asFile(await exportLines(store.database, keys)), { keys: keys.published })).toMatchObject(
      {
        ok: true,
        erased: expect.any(Number),
      },
    )
    const [closing] = await store.database.sql`
      select state, ended_at is not null as over, erased from account_closings where account_id = ${account.id}`
    expect(closing).toMatchObject({
      state: 'erased',
      over: true,
      erased: { accounts: 1, login_events: 41, sessions: 10, api_keys: 3, lockdowns: 1, account_exports: 1 },
    })
    expect(await rowsOf(bystander.id)).toBe(1)
    const [left] = await store.database.sql`select count(*)::int as sessions from sessions`
    expect(left).toEqual({ sessions: 2 })
  })

  it('opens by nothing from the first step on, and every key is withdrawn from rented servers', async () => {
    const account = await makeFullAccount(store.database, { sessions: 3 })
    await askDue(account.id)
    await tick()
    const { sql } = store.database
    const [row] = await sql`
      select state, security_epoch as epoch,
        (select count(*)::int from sessions where account_id = account.id and revoked_at is null) as sessions,
        (select count(*)::int from api_keys where account_id = account.id and revoked_at is null) as "apiKeys",
        (select count(*)::int from ssh_keys where account_id = account.id and revoked_at is null) as "sshKeys",
        (select count(*)::int from rental_keys join rentals on rentals.id = rental_id
          where account_id = account.id and rental_keys.state <> 'withdrawn') as deployed
      from accounts as account where id = ${account.id}`
    expect(row).toEqual({ state: 'disabled', epoch: 2, sessions: 0, apiKeys: 0, sshKeys: 0, deployed: 0 })
    const audited = Map.groupBy(await listAudited(store.database), (event) => event.action)
    expect(audited.get('account_closed')?.[0]?.details).toMatchObject({
      sessions: 3,
      apiKeys: 3,
      sshKeys: 3,
      withdrawn: 6,
    })
    expect([audited.get('api_key_revoked')?.length, audited.get('ssh_key_revoked')?.length]).toEqual([3, 3])
  })

  it('is not erased before its owner was told and servers have asked, but a day later it is all the same', async () => {
    const account = await makeFullAccount(store.database, { sessions: 1 })
    await askDue(account.id)
    await tick()
    await tick()
    expect(await stateOf(account.id)).toBe('closed')
    const { sql } = store.database
    await sql`update notices set mailed_at = now() where account_id = ${account.id}`
    await tick()
    expect(await stateOf(account.id)).toBe('closed')
    await sql`update account_closings set closed_at = now() - interval '25 hours'`
    await tick()
    expect(await stateOf(account.id)).toBe('erased')
  })

  it('goes on where a run was cut, and of two at once nothing is done twice', async () => {
    const account = await makeCanary()
    await askDue(account.id)
    await tick()
    await settle(account.id)
    let steps = 0
    const cut: typeof step = (work) => {
      if ((steps += 1) > 5) return Promise.reject(new Error('gone'))
      return step(work)
    }
    await expect(tick(cut)).rejects.toThrow('gone')
    expect(await stateOf(account.id)).toBe('closed')
    expect(await rowsOf(account.id)).toBeLessThan(41)
    await Promise.all([tick(), tick()])
    expect(await stateOf(account.id)).toBe('erased')
    const [closing] = await store.database.sql`select erased from account_closings`
    expect(closing?.['erased']).toMatchObject({ login_events: 41, sessions: 10, accounts: 1 })
    const deleted = (await listAudited(store.database)).filter((event) => event.action === 'user_deleted')
    expect(deleted).toHaveLength(1)
  })

  it('is told to endpoints as closed, and its audit waits until they were told', async () => {
    await inTransaction(store.database, (tx) =>
      insertWebhookEndpoint(tx, {
        id: newId('webhookEndpoint'),
        url: 'https://hooks.acme.example/',
        description: 'x',
        events: ['account.closed'],
        actions: ['user_deleted'],
        secretSealed: 's',
        createdBy: newId('account'),
      }),
    )
    const account = await makeAccount(store.database)
    await askDue(account.id)
    await tick()
    await settle(account.id)
    await tick()
    await sealAll(store.database, keys)
    await tick()
    const { sql } = store.database
    const [owed] = await sql<{ id: Id<'webhookDelivery'> }[]>`select id from webhook_deliveries`
    if (!owed) throw new Error('nothing is owed')
    const due = await inTransaction(store.database, (tx) => listDueDeliveries(tx, [owed.id]))
    expect(due.get(owed.id)?.event).toMatchObject({ action: 'user_deleted', accountId: account.id })
    await sql`update webhook_deliveries set state = 'delivered'`
    await tick()
    expect(await tablesWith(account.id)).toEqual(['account_closings'])
  })

  it.each(['locked', 'disabled'] as const)('stays where it is %s: its closing is held for good', async (state) => {
    const account = await makeFullAccount(store.database, { sessions: 1 })
    await askDue(account.id)
    await store.database.sql`update accounts set state = ${state} where id = ${account.id}`
    await tick()
    expect(await stateOf(account.id)).toBe('held')
    await store.database.sql`update accounts set state = 'active' where id = ${account.id}`
    await tick()
    expect(await stateOf(account.id)).toBe('held')
    const held = (await listAudited(store.database)).filter((event) => event.action === 'account_closing_held')
    expect(held.map((event) => event.details)).toEqual([{ because: state }])
  })

  it('stays as long as its address can be taken back', async () => {
    const account = await makeAccount(store.database)
    await askDue(account.id)
    const { sql } = store.database
    await sql`
      insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
        revert_salt, epoch, expires_at, revert_until)
      values (uuidv7(), ${account.id}, 'a@b.example', 'a@b.example', 'c@b.example', 'c@b.example', 'confirmed', '\\x00', '\\x00', 1,
        now(), now() + interval '1 day')`
    await tick()
    expect(await stateOf(account.id)).toBe('pending')
    await sql`update email_changes set revert_until = now() - interval '1 second'`
    await tick()
    expect(await stateOf(account.id)).toBe('closed')
  })

  it('that fails does not keep the others waiting', async () => {
    const [broken, fine] = [await makeAccount(store.database), await makeAccount(store.database)]
    for (const { id } of [broken, fine]) await askDue(id)
    let failed = false
    const failing: typeof step = (work) =>
      step(async (tx) => {
        const answer = await work(tx)
        const [first] =
          await tx.sql`select id from account_closings where account_id = ${broken.id} and state = 'closed'`
        if (first && !failed) {
          failed = true
          throw new Error('broken')
        }
        return answer
      })
    await expect(tick(failing)).rejects.toThrow('broken')
    expect([await stateOf(broken.id), await stateOf(fine.id)]).toEqual(['pending', 'closed'])
  })
})
