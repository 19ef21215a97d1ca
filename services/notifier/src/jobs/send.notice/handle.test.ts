import type { Id } from '@portcullis/contracts/ids'
import { type NoticeKind } from '@portcullis/contracts/notice-kind'
import { inTransaction } from '@portcullis/db/transaction'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import { notifyOwner } from '@portcullis/domain/notice/notify'
import { createMailer, type Mailer } from '@portcullis/mail/transport'
import { sha256 } from '@portcullis/runtime/digest'
import { newUuid } from '@portcullis/runtime/id'
import { openPlaces } from '@portcullis/runtime/place'
import { Secret } from '@portcullis/runtime/secret'
import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { makeHandlers } from '@portcullis/testkit/handlers'
import { type Inbox, openInbox, type Received } from '@portcullis/testkit/inbox'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { handleSendNotice } from './handle.ts'

const store = useDatabase()
const restSeconds = 600
let inbox: Inbox
let mailer: Mailer
let handlers: ReturnType<typeof makeHandlers>

beforeAll(async () => {
  inbox = await openInbox()
  mailer = createMailer({ smtpUrl: new Secret(inbox.url), from: 'Acme <no-reply@acme.example>', connectionsMost: 4 })
  handlers = makeHandlers({ 'send.notice': handleSendNotice(await depsOf(mailer)) })
})
afterAll(async () => {
  await mailer.close()
  await inbox.close()
})
beforeEach(() => store.database.sql`delete from jobs`)

async function depsOf(given: Mailer) {
  return {
    mailer: given,
    places: await openPlaces(),
    publicUrl: new URL('https://account.acme.example'),
    messageIdDomain: 'mail.acme.example',
    product: 'Acme',
    supportUrl: undefined,
    actSeconds: 10,
    restSeconds,
    tokenKey: new Uint8Array(32).fill(5),
  }
}

describe('a notice', () => {
  it('is mailed to its owner, in the owner’s language, with a link that locks, and is mailed once', async () => {
    const account = await makeAccount(store.database)
    await store.database.sql`update accounts set language = 'de' where id = ${account.id}`
    await notify(account.id, 'api_key_created', { details: { name: 'Nightly backup' } })
    await work()
    await work()
    const [mail, ...more] = mailsTo(account.email)
    expect(more).toEqual([])
    expect(header(mail, 'content-language')).toBe('de')
    // Nothing that a machine would answer, nothing that unsubscribes from security, nothing that is counted.
    expect(mail?.parsed.headers.map(({ key }) => key).sort()).toEqual([
      'auto-submitted',
      'content-language',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
      'x-auto-response-suppress',
    ])
    expect(mail?.parsed.html).not.toMatch(/<img|url\(/)
    expect(mail?.parsed.subject).toBe('Ein neuer API-Schlüssel bei Acme')
    for (const words of ['Guten Tag Ada Owner,', 'Nightly backup', 'Firefox unter Linux', 'Das war ich nicht']) {
      expect(mail?.parsed.text).toContain(words)
      expect(mail?.parsed.html).toContain(words)
    }
    const token = tokenIn(mail, '/secure-account')
    const [row] = await store.database.sql`
      select link_hash = ${sha256(token)} as same, mailed_at is not null as mailed,
        link_expires_at between now() + interval '6 days 23 hours' and now() + interval '7 days' as week
      from notices where account_id = ${account.id}`
    expect(row).toEqual({ same: true, mailed: true, week: true })
  })

  it('that is urgent is due at once, another after a moment', async () => {
    const account = await makeAccount(store.database)
    await notify(account.id, 'password_changed')
    await notify(account.id, 'new_device')
    const rows = await store.database.sql<{ wait: number }[]>`
      select round(extract(epoch from run_at - created_at))::int as wait from jobs order by id`
    expect(rows.map((row) => row.wait)).toEqual([0, 3])
  })

  it('goes to the trusted address while a change of address can be reverted; only what is meant for the new one goes there', async () => {
    const account = await makeAccount(store.database)
    const trusted = `old-${account.email}`
    await changeEmail(account.id, trusted)
    await notify(account.id, 'password_changed')
    await notify(account.id, 'email_changed', { details: { to: 'old' } })
    await notify(account.id, 'email_changed', { details: { to: 'new' } })
    await work()
    expect(mailsTo(trusted).map((mail) => mail.parsed.subject)).toEqual(
      expect.arrayContaining(['Your Acme password was changed', 'The address of your Acme account was changed']),
    )
    const [mail, ...more] = mailsTo(account.email)
    expect(more).toEqual([])
    expect(mail?.parsed.subject).toBe('The address of your Acme account was changed')
    expect(mail?.parsed.text).not.toContain('http')
    await store.database.sql`update email_changes set revert_until = now() where account_id = ${account.id}`
    await notify(account.id, 'two_factor_disabled')
    await work()
    expect(mailsTo(account.email)).toHaveLength(2)
  })

  it('that its owner has muted stays in the feed and is not mailed; a security notice is mailed all the same', async () => {
    const account = await makeAccount(store.database)
    await store.database.sql`
      insert into notification_preferences (account_id, muted) values (${account.id}, '{backup_codes_low,new_device}')`
    await notify(account.id, 'backup_codes_low', { details: { left: 2 } })
    await notify(account.id, 'new_device')
    const jobs = await work()
    expect(jobs.map(({ state, code }) => [state, code])).toEqual([
      ['done', 'muted'],
      ['done', null],
    ])
    expect(mailsTo(account.email).map((mail) => mail.parsed.subject)).toEqual([
      'A new device logged in to your Acme account',
    ])
    expect(await unmailed(account.id)).toBe(0)
    const kinds = await store.database.sql`select kind from notices where account_id = ${account.id} order by id`
    expect(kinds.map((row) => row['kind'])).toEqual(['backup_codes_low', 'new_device'])
  })
})

describe('of a burst', () => {
  it('the owner gets one mail that says how many, however many workers there are at once', async () => {
    const account = await makeAccount(store.database)
    const places = ['8.8.8.8', '1.1.1.1', null]
    for (let count = 0; count < 50; count += 1) {
      await notify(account.id, 'api_key_reused', {
        ip: places[count % 3] ?? null,
        details: { name: `Key ${count % 2}` },
      })
    }
    const others = await Promise.all([1, 2, 3].map(() => makeAccount(store.database)))
    for (const other of others) await notify(other.id, 'api_key_reused')
    await store.database.sql`update jobs set run_at = now()`
    await Promise.all([1, 2, 3, 4].map(() => perform(store.database, 'notifier', handlers, 3)))
    const [mail, ...more] = mailsTo(account.email)
    expect(more).toEqual([])
    expect(mail?.parsed.subject).toBe('A revoked API key of your Acme account was used (50 times)')
    for (const words of ['50 times', 'First', 'Last', 'United States', 'Key 0, Key 1']) {
      expect(mail?.parsed.text).toContain(words)
    }
    for (const other of others) expect(mailsTo(other.email)).toHaveLength(1)
    const [row] = await store.database.sql`
      select count(*)::int as told, max(times) as times from notices
      where account_id = ${account.id} and mailed_at is not null`
    expect(row).toEqual({ told: 50, times: 50 })
    expect(await unmailed(account.id)).toBe(0)
  })

  it('what comes after the mail waits until ten minutes are over, and then is one mail again', async () => {
    const account = await makeAccount(store.database)
    await notify(account.id, 'new_device')
    await work()
    await notify(account.id, 'new_device')
    await notify(account.id, 'new_device')
    await notify(account.id, 'ssh_key_added')
    const waiting = await work()
    expect(waiting.filter(({ state }) => state === 'pending')).toHaveLength(2)
    expect(mailsTo(account.email).map((mail) => mail.parsed.subject)).toEqual([
      'A new device logged in to your Acme account',
      'A new SSH key for your Acme account',
    ])
    const [due] = await store.database.sql<{ seconds: number }[]>`
      select extract(epoch from max(run_at) - now())::float8 as seconds from jobs where state = 'pending'`
    expect(due?.seconds).toBeGreaterThan(restSeconds - 30)
    expect(due?.seconds).toBeLessThanOrEqual(restSeconds)
    await store.database.sql`
      update notices set mailed_at = mailed_at - interval '10 minutes', link_expires_at = link_expires_at - interval '10 minutes'
      where account_id = ${account.id}`
    await store.database.sql`update jobs set run_at = now() where state = 'pending'`
    await work()
    expect(mailsTo(account.email).map((mail) => mail.parsed.subject)).toContain(
      'A new device logged in to your Acme account (2 times)',
    )
    expect(mailsTo(account.email)).toHaveLength(3)
  })

  it('what is urgent never waits', async () => {
    const account = await makeAccount(store.database)
    for (let count = 0; count < 2; count += 1) {
      await notify(account.id, 'password_changed')
      await work()
    }
    expect(mailsTo(account.email)).toHaveLength(2)
  })
})

it('a mail that failed is sent again with the same link under the same Message-ID, and takes along no more than it did', async () => {
  const account = await makeAccount(store.database)
  const away = createMailer({
    smtpUrl: new Secret('smtp://127.0.0.1:1'),
    from: 'a@acme.example',
    connectionsMost: 1,
    timeoutMs: 500,
  })
  const failing = makeHandlers({ 'send.notice': handleSendNotice(await depsOf(away)) })
  await notify(account.id, 'new_device')
  await notify(account.id, 'new_device')
  await store.database.sql`update jobs set run_at = now()`
  await perform(store.database, 'notifier', failing)
  await away.close()
  const hash = await linkHash(account.id)
  await notify(account.id, 'new_device')
  await work()
  await work()
  const [mail, ...more] = mailsTo(account.email)
  expect(more).toEqual([])
  expect(mail?.parsed.subject).toContain('(2 times)')
  expect(sha256(tokenIn(mail, '/secure-account'))).toEqual(hash)
  const [row] = await store.database.sql<{ messageId: string; attempts: number }[]>`
    select message_id as "messageId", attempts from mail_deliveries where sent_at is not null
      and message_id like '%' || (select id from notices where account_id = ${account.id} and times = 2) || '%'`
  expect(row).toEqual({ messageId: header(mail, 'message-id'), attempts: 2 })
  expect(await unmailed(account.id)).toBe(1)
})

describe('the mail of a lockdown', () => {
  it('goes to the trusted address with the link that leads back, and the lockdown goes on at once', async () => {
    const account = await makeAccount(store.database)
    const trusted = `old-${account.email}`
    await changeEmail(account.id, trusted)
    const lockdownId = await lock(account.id)
    await store.database.sql`delete from jobs where message = 'run.lockdown'`
    await work()
    expect(mailsTo(account.email)).toEqual([])
    const [mail] = mailsTo(trusted)
    const token = tokenIn(mail, '/recover-account')
    expect(mail?.parsed.text).toContain(`lockdown=lck_${lockdownId.replaceAll('-', '')}`)
    const [row] = await store.database.sql`
      select recovery_hash = ${sha256(token)} as same from lockdowns where id = ${lockdownId}`
    expect(row).toEqual({ same: true })
    await expectEnqueued(store.database, 'run.lockdown', [{ lockdownId }])
  })

  it('asked for again carries the same link until that was used, then another', async () => {
    const account = await makeAccount(store.database)
    const lockdownId = await lock(account.id)
    await work()
    await notify(account.id, 'account_locked', { lockdownId })
    await work()
    await store.database.sql`
      update lockdowns set recovery_hash = null, recovery_salt = '\\x01' where id = ${lockdownId}`
    await notify(account.id, 'account_locked', { lockdownId })
    await work()
    const [first, second, third] = mailsTo(account.email).map((mail) => tokenIn(mail, '/recover-account'))
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  it('is not sent once the account is recovered', async () => {
    const account = await makeAccount(store.database)
    const lockdownId = await lock(account.id)
    await store.database.sql`update lockdowns set state = 'recovered' where id = ${lockdownId}`
    const jobs = await work()
    expect(jobs.find(({ message }) => message === 'send.notice')).toMatchObject({ state: 'done', code: 'recovered' })
    expect(mailsTo(account.email)).toEqual([])
    expect(await unmailed(account.id)).toBe(0)
  })
})

interface Given {
  readonly ip?: string | null
  readonly details?: Record<string, unknown>
  readonly lockdownId?: Id<'lockdown'>
}

async function notify(accountId: Id<'account'>, kind: NoticeKind, { ip = '203.0.113.7', ...given }: Given = {}) {
  await inTransaction(store.database, (tx) =>
    notifyOwner(tx, { accountId, kind, caller: makeCaller({ ip }), ...given }),
  )
}

async function lock(accountId: Id<'account'>): Promise<Id<'lockdown'>> {
  const opened = await inTransaction(store.database, (tx) =>
    openLockdown(tx, {
      accountId,
      trigger: 'owner',
      reason: null,
      compromisedSince: null,
      actor: 'account',
      actorId: accountId,
      caller: makeCaller(),
    }),
  )
  if (!opened) throw new Error('nothing was locked')
  return opened.lockdown.id
}

/** A confirmed change away from `oldEmail` that can still be reverted. */
async function changeEmail(accountId: Id<'account'>, oldEmail: string) {
  await store.database.sql`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
      revert_salt, epoch, expires_at, confirmed_at, revert_until)
    select ${newUuid()}, id, ${oldEmail}, ${oldEmail}, email, email_key, 'confirmed', '\\x00', '\\x00', 1, now(), now(),
      now() + interval '7 days' from accounts where id = ${accountId}`
}

/** Makes due whatever does not rest, and works it off. */
async function work() {
  await store.database
    .sql`update jobs set run_at = now() where state = 'pending' and run_at < now() + interval '1 minute'`
  return perform(store.database, 'notifier', handlers)
}

async function unmailed(accountId: Id<'account'>): Promise<number> {
  const rows = await store.database.sql`
    select id from notices where account_id = ${accountId} and mailed_at is null and folded_into is null`
  return rows.length
}

async function linkHash(accountId: Id<'account'>): Promise<Buffer | undefined> {
  const [row] = await store.database.sql<{ hash: Buffer }[]>`
    select link_hash as hash from notices where account_id = ${accountId} and link_hash is not null`
  return row?.hash
}

function mailsTo(email: string): Received[] {
  return inbox.received.filter((mail) => mail.to.includes(email))
}

function header(mail: Received | undefined, key: string): string | undefined {
  return mail?.parsed.headers.find((one) => one.key === key)?.value
}

function tokenIn(mail: Received | undefined, page: string): string {
  const url = /https:\S+/.exec(mail?.parsed.text ?? '')?.[0] ?? ''
  expect(url).toMatch(new RegExp(`^https://account\\.acme\\.example${page}#`))
  return new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? ''
}
