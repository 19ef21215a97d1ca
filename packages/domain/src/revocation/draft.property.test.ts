import type { Id } from '@portcullis/contracts/ids'
import { revocationKinds } from '@portcullis/contracts/revocation'
import { selectableSshKeyTypes, type Selector, selectorSchema } from '@portcullis/contracts/selector'
import { connectDatabase, type Database, type Queries } from '@portcullis/db/connect'
import { findRevocation } from '@portcullis/db/queries/revocation'
import { listTargets } from '@portcullis/db/queries/revocation-target'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sessionLimits } from '../session/limits.ts'
import { draftRevocation } from './draft.ts'
import { matches, type SelectableAccount } from './match.ts'

const store = useDatabase()
let free: Database
let admin: { readonly id: Id<'session'>; readonly accountId: Id<'account'>; readonly role: 'admin' }
beforeAll(async () => {
  free = connectDatabase({ url: store.url, name: 'free', poolSize: 2, planner: 'free' })
  const { id: accountId } = await makeAccount(store.database, { email: 'admin@staff.example' })
  await store.database.sql`insert into fences (id, epoch) values (1, 2)`
  const id = await makeSession(store.database, accountId)
  await store.database.sql`update accounts set role = 'admin' where id = ${accountId}`
  await store.database.sql`update sessions set second_factor = true, global_epoch = 2`
  admin = { id, accountId, role: 'admin' }
})
afterAll(() => free.close())

const dayMs = 86_400_000
/** Whole milliseconds, as the language of selectors has them. */
const now = Date.now()
const ago = (days: number) => new Date(now - Math.round(days * dayMs))

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const networks = ['203.0.113.0/24', '203.0.113.128/25', '198.51.0.0/16', '2001:db8::/32', '2001:db8:1::/48']
const ips = ['203.0.113.7', '203.0.113.200', '198.51.100.1', '2001:db8::1', '2001:db8:1::5', null]
const domains = ['example.com', 'shop.example.com', 'example.org', 'e-xample.com']
const scopes = ['account:read', 'product:servers', 'sessions:read']
const types = ['ssh-ed25519', 'ssh-rsa'] as const

/** What may have killed a credential. */
const death = fc.oneof(
  { weight: 4, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constantFrom('revoked', 'expired', 'idle', 'fenced', 'house' as const) },
)
const recently = fc.integer({ min: 0, max: 12 }).map((days) => ago(days + 0.3))
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values)

const account = fc.record({
  domain: oneOf(domains),
  local: fc.integer({ min: 0, max: 9 }),
  role: oneOf(['member', 'member', 'support', 'admin'] as const),
  state: oneOf(['active', 'active', 'locked', 'disabled'] as const),
  createdAt: fc.integer({ min: 1, max: 60 }).map((days) => ago(days + 0.5)),
  passwordChangedAt: fc.integer({ min: 0, max: 400 }).map((days) => ago(days + 0.5)),
  hasTwoFactor: fc.boolean(),
  sessions: fc.array(
    fc.record({
      death,
      lastSeenAt: recently,
      ip: oneOf(ips),
      country: oneOf(['DE', 'AT', null]),
      userAgent: oneOf([firefox, 'curl/8.5.0', 'python-requests/2.31', null]),
    }),
    { maxLength: 3 },
  ),
  apiKeys: fc.array(
    fc.record({
      death,
      scopes: fc.uniqueArray(oneOf(scopes), { minLength: 1, maxLength: 2 }),
      lastUsedAt: fc.option(recently),
      lastUsedNetwork: oneOf(['203.0.113.0/24', '198.51.100.0/24', '2001:db8:1::/48', 'unknown', null]),
      lastUsedCountry: oneOf(['DE', 'AT', null]),
    }),
    { maxLength: 3 },
  ),
  sshKeys: fc.array(fc.record({ death, type: oneOf(types) }), { maxLength: 3 }),
})
type Made = { readonly id: Id<'account'> } & (typeof account extends fc.Arbitrary<infer A> ? A : never)

const span = fc
  .record({
    after: fc.integer({ min: 0, max: 60 }),
    before: fc.integer({ min: 0, max: 60 }),
    which: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ after, before, which }) => ({
    ...(which !== 1 && { after: ago(Math.max(after, before) + 1).toISOString() }),
    ...(which !== 0 && { before: ago(Math.min(after, before)).toISOString() }),
  }))

/** As a caller writes it. Few parts, as many name nobody. */
const written = fc
  .record(
    {
      emailDomain: oneOf([...domains, 'EXAMPLE.com', 'nobody.example']),
      role: oneOf(['member', 'support', 'admin']),
      state: oneOf(['active', 'locked', 'disabled']),
      createdAt: span,
      lastSeenAt: span,
      network: oneOf(networks),
      country: oneOf(['DE', 'AT', 'FR']),
      device: oneOf(['Firefox', 'linux', 'Firefox on Linux', 'curl', 'Python', 'an unknown device', 'Chrome']),
      credentialKinds: fc.uniqueArray(oneOf(revocationKinds), { minLength: 1 }),
      apiKeyScopes: fc.uniqueArray(oneOf(scopes), { minLength: 1 }),
      sshKeyType: oneOf(selectableSshKeyTypes),
      passwordOlderThanDays: fc.integer({ min: 1, max: 400 }),
      withoutTwoFactor: fc.constant(true),
    },
    { requiredKeys: [] },
  )
  .chain((all) =>
    fc
      .subarray(Object.entries(all), { maxLength: Math.min(3, Object.keys(all).length) })
      .map((parts): Record<string, unknown> => Object.fromEntries(parts)),
  )

const wish = fc.record({
  parts: written,
  kinds: fc.uniqueArray(oneOf(revocationKinds), { minLength: 1 }),
  /** Also by id: none, some that are there, or everyone. */
  ids: fc.constantFrom('none', 'none', 'none', 'some', 'everyone' as const),
})

it('counts, freezes and, evaluated naively, means the same accounts and credentials, whatever the selector', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(account, { minLength: 5, maxLength: 40 }),
      fc.array(wish, { minLength: 8, maxLength: 8 }),
      async (models, wishes) => {
        const made = models.map((model): Made => ({ ...model, id: newId('account') }))
        await fill(store.database, made)
        for (const { parts, kinds, ids } of wishes) {
          const some = made.slice(0, 7).map(({ id }) => `acc_${id.replaceAll('-', '')}`)
          const said =
            ids === 'everyone' ? { everyone: true } : { ...parts, ...(ids === 'some' && { accountIds: some }) }
          if (Object.keys(said).length === 0) continue
          await compare(made, selectorSchema.parse(said), kinds)
        }
        await store.database.sql`delete from accounts where id <> ${admin.accountId}`
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)

/** Drafts it, and holds counts and targets against what plain code says of the same accounts. */
async function compare(made: readonly Made[], selector: Selector, kinds: (typeof revocationKinds)[number][]) {
  const id = newId('revocation')
  const asked = { reason: 'Property', fence: false, ratePerSecond: null, includeOwnSession: false }
  const by = { session: admin, caller: makeCaller() }
  await inTransaction(free, (tx) => draftRevocation(tx, by, id, { selector, kinds, ...asked }, sessionLimits))
  const row = await findRevocation(store.database, id)
  const targets = await listTargets(store.database, id, { state: null, after: null, limit: 1000 })
  const staff = await readAdmin()
  const named = made.filter((one) => matches(selector, asSelectable(one), new Date()))
  const isAdminNamed = matches(selector, staff, new Date())
  const expected = [...named.map((one) => one.id), ...(isAdminNamed ? [admin.accountId] : [])].toSorted()
  expect(targets.map((target) => target.accountId)).toEqual(expected)
  const living = (list: readonly { death: string }[]) => list.filter((one) => one.death === 'none').length
  const sum = (kind: (typeof revocationKinds)[number]) =>
    kinds.includes(kind) ? named.reduce((all, one) => all + living(one[kind]), 0) : 0
  // The session that drafts it is the admin's only one, and is spared.
  expect(row?.counts).toEqual({
    accounts: expected.length,
    sessions: sum('sessions'),
    apiKeys: sum('apiKeys'),
    sshKeys: sum('sshKeys'),
  })
}

function asSelectable(made: Made): SelectableAccount {
  const living = <T extends { death: string }>(list: readonly T[]) => list.filter((one) => one.death === 'none')
  return {
    ...made,
    emailKey: emailKeyOf(made),
    sessions: living(made.sessions),
    apiKeys: living(made.apiKeys),
    sshKeys: living(made.sshKeys),
  }
}

async function readAdmin(): Promise<SelectableAccount> {
  const [row] = await store.database.sql<{ createdAt: Date; passwordChangedAt: Date; lastSeenAt: Date }[]>`
    select account.created_at as "createdAt", password_changed_at as "passwordChangedAt", last_seen_at as "lastSeenAt"
    from accounts as account join sessions on account_id = account.id where account.id = ${admin.accountId}`
  if (!row) throw new Error('the admin is there')
  const { createdAt, passwordChangedAt, lastSeenAt } = row
  return {
    id: admin.accountId,
    emailKey: 'admin@staff.example',
    role: 'admin',
    state: 'active',
    createdAt,
    passwordChangedAt,
    hasTwoFactor: false,
    apiKeys: [],
    sshKeys: [],
    sessions: [{ lastSeenAt, ip: null, country: null, userAgent: null }],
  }
}

function emailKeyOf(made: Made): string {
  return `u${made.local}.${made.id}@${made.domain}`
}

/** Writes accounts as they are: each death as what it is in the store. */
async function fill({ sql }: Queries, made: readonly Made[]): Promise<void> {
  const json = (rows: unknown) => JSON.stringify(rows)
  const all = <T>(list: (one: Made) => readonly T[]) =>
    made.flatMap((one) => list(one).map((row, place) => ({ ...row, accountId: one.id, place, id: newId('session') })))
  await sql`
    insert into accounts (id, email, email_key, name, role, state, created_at, password_changed_at, security_epoch)
    select id, "emailKey", "emailKey", 'Ada', role, state, "createdAt", "passwordChangedAt", 2
    from jsonb_to_recordset(${json(made.map((one) => ({ ...one, emailKey: emailKeyOf(one) })))}::text::jsonb) as one
      (id uuid, "emailKey" text, role text, state text, "createdAt" timestamptz, "passwordChangedAt" timestamptz)`
  await sql`
    insert into totp_factors (account_id, secret_sealed, last_step, confirmed_at)
    select id, 'sealed', 1, case when "hasTwoFactor" then now() end
    from jsonb_to_recordset(${json(made)}::text::jsonb) as one (id uuid, "hasTwoFactor" boolean)`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, global_epoch, ip, country, user_agent, last_seen_at, expires_at, revoked_at)
    select id, "accountId", sha256(id::text::bytea), case death when 'fenced' then 1 else 2 end,
      case death when 'house' then 1 else 2 end, ip, country, "userAgent",
      case death when 'idle' then now() - interval '15 days' else "lastSeenAt" end,
      case death when 'expired' then now() - interval '1 s' else now() + interval '9 days' end,
      case death when 'revoked' then now() end
    from jsonb_to_recordset(${json(all((one) => one.sessions))}::text::jsonb) as one
      (id uuid, "accountId" uuid, death text, ip inet, country text, "userAgent" text, "lastSeenAt" timestamptz)`
  await sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch, global_epoch, expires_at,
      revoked_at, last_used_at, last_used_network, last_used_country)
    select id, "accountId", place + 1, 'Key', 'pck_live', 'abcd', sha256(id::text::bytea),
      array(select jsonb_array_elements_text(scopes)), case death when 'fenced' then 1 else 2 end,
      case death when 'house' then 1 else 2 end, case death when 'expired' then now() - interval '1 s' end,
      case when death in ('revoked', 'idle') then now() end, "lastUsedAt", "lastUsedNetwork", "lastUsedCountry"
    from jsonb_to_recordset(${json(all((one) => one.apiKeys))}::text::jsonb) as one (id uuid, "accountId" uuid, place int,
      death text, scopes jsonb, "lastUsedAt" timestamptz, "lastUsedNetwork" text, "lastUsedCountry" text)`
  await sql`
    insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch, global_epoch, revoked_at)
    select id, "accountId", place + 1, 'Laptop', type, type || ' AAAA', sha256(id::text::bytea),
      case death when 'fenced' then 1 else 2 end, case death when 'house' then 1 else 2 end,
      case when death in ('revoked', 'idle', 'expired') then now() end
    from jsonb_to_recordset(${json(all((one) => one.sshKeys))}::text::jsonb) as one
      (id uuid, "accountId" uuid, place int, death text, type text)`
}
