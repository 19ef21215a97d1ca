import { formatId, type Id } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { makeCredentials } from '@portcullis/testkit/full-account'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeOwner, type MadeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway
let [drafter, other, support]: MadeOwner[] = []
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database
    .sql`truncate accounts, jobs, audit_events, bulk_revocations, operations, idempotency_keys cascade`
  ;[drafter, other, support] = [await makeStaff('admin'), await makeStaff('admin'), await makeStaff('support')]
})

async function makeStaff(role: 'admin' | 'support'): Promise<MadeOwner> {
  const owner = await makeOwner(store.database)
  await store.database
    .sql`update accounts set role = ${role}, email_key = ${`${owner.id}@staff.example`} where id = ${owner.id}`
  await store.database.sql`update sessions set second_factor = true where account_id = ${owner.id}`
  return owner
}

const usual = { selector: { emailDomain: 'example.com' }, kinds: ['sessions'], reason: 'Incident 4711: phished' }
const path = '/v1/admin/revocations'
const call = (by: MadeOwner | undefined, method: string, at: string, body?: unknown, headers = {}) =>
  send(gateway, method, path + at, { token: by?.token ?? '', body, headers })
const draft = (body: Record<string, unknown> = {}, headers = {}) =>
  call(drafter, 'POST', '', { ...usual, ...body }, headers)

async function makeTarget(email: string): Promise<Id<'account'>> {
  const { id } = await makeAccount(store.database, { email })
  await makeCredentials(store.database, id, 2)
  return id
}

/** As if so many more accounts had been named. */
async function makeMany(count: number) {
  await store.database.sql`
    insert into accounts (id, email, email_key, name, password_changed_at)
    select uuidv7(), n || '@example.com', n || '@example.com', 'Ada', now() from generate_series(1, ${count}::int) as n`
}

describe('a draft', () => {
  it('counts, shows a sample with masked addresses, freezes its targets, and revokes nothing', async () => {
    const id = await makeTarget('grace.hopper@example.com')
    await makeTarget('ada@example.org')
    const { status, body } = await draft({ kinds: ['sessions', 'apiKeys'] })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      state: 'draft',
      counts: { accounts: 1, sessions: 2, apiKeys: 3, sshKeys: 0 },
      needsApproval: false,
      sparesOwnSession: true,
      sample: [{ accountId: formatId('account', id), email: 'g…@example.com', sessions: 2, apiKeys: 3, sshKeys: 0 }],
    })
    expect(JSON.stringify(body)).not.toContain('hopper')
    await makeTarget('late@example.com')
    const shown = await call(drafter, 'GET', `/${body.id}`)
    expect(shown.body.counts).toEqual(body.counts)
    const targets = await call(drafter, 'GET', `/${body.id}/targets`)
    expect(targets.body.items).toMatchObject([{ accountId: formatId('account', id), state: 'pending', sessions: 0 }])
    const [row] = await store.database.sql`select count(*)::int as count from sessions where revoked_at is not null`
    expect(row?.['count']).toBe(0)
    const operation = await send(gateway, 'GET', `/v1/operations/${body.operationId}`, { token: drafter!.token })
    expect(operation.body).toMatchObject({ kind: 'bulk_revocation', status: 'paused', progress: { done: 0, total: 1 } })
  })

  it('is the same one for the same Idempotency-Key', async () => {
    await makeTarget('ada@example.com')
    const headers = { 'idempotency-key': 'k1' }
    const [first, again] = [await draft({}, headers), await draft({}, headers)]
    expect([again.status, again.body.id]).toEqual([201, first.body.id])
    expect((await draft({ kinds: ['sshKeys'] }, headers)).body.code).toBe('idempotency_key_reused')
    expect((await call(drafter, 'GET', '')).body.items).toHaveLength(1)
  })

  it.each([
    ['nothing at all', {}, '/selector', 'invalid'],
    ['everyone beside another part', { everyone: true, role: 'member' }, '/selector/everyone', 'invalid'],
    ['everyone denied', { everyone: false }, '/selector/everyone', 'invalid'],
    ['an unknown part', { emaildomain: 'example.com' }, '/selector/emaildomain', 'unknown_field'],
    ['a known part and an unknown one', { role: 'member', rôle: 'admin' }, '/selector/rôle', 'unknown_field'],
    ['an empty list of accounts', { accountIds: [] }, '/selector/accountIds', 'too_small'],
    ['a bare uuid', { accountIds: ['0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'] }, '/selector/accountIds/0', 'wrong_form'],
    ['a domain with a wildcard', { emailDomain: '%.com' }, '/selector/emailDomain', 'wrong_form'],
    ['an empty domain', { emailDomain: '' }, '/selector/emailDomain', 'wrong_form'],
    ['a role that there is not', { role: 'owner' }, '/selector/role', 'invalid'],
    ['an empty span', { createdAt: {} }, '/selector/createdAt', 'invalid'],
    [
      'a span that ends before it begins',
      { lastSeenAt: { after: '2026-11-16T00:00:00Z', before: '2026-11-15T00:00:00Z' } },
      '/selector/lastSeenAt/before',
      'invalid',
    ],
    [
      'a moment without a zone',
      { createdAt: { after: '2026-11-16T00:00:00' } },
      '/selector/createdAt/after',
      'wrong_form',
    ],
    ['every address', { network: '0.0.0.0/0' }, '/selector/network', 'invalid'],
    ['every address of IPv6', { network: '::/0' }, '/selector/network', 'invalid'],
    ['a network with bits behind its prefix', { network: '203.0.113.7/24' }, '/selector/network', 'invalid'],
    ['one of IPv6 with bits behind', { network: '2001:db8::1/32' }, '/selector/network', 'invalid'],
    ['an address without a prefix', { network: '203.0.113.7' }, '/selector/network', 'invalid'],
    ['a country in small letters', { country: 'de' }, '/selector/country', 'wrong_form'],
    ['a device of wildcards', { device: '%' }, '/selector/device', 'wrong_form'],
    ['no kinds of credentials', { credentialKinds: [] }, '/selector/credentialKinds', 'too_small'],
    ['half a day', { passwordOlderThanDays: 0.5 }, '/selector/passwordOlderThanDays', 'wrong_type'],
    ['a denial of two-factor login', { withoutTwoFactor: false }, '/selector/withoutTwoFactor', 'invalid'],
    ['a list', [], '/selector', 'wrong_type'],
  ])(
    'is refused where its selector says %s, with field and rule, and nothing is kept',
    async (_what, selector, pointer, code) => {
      await makeTarget('ada@example.com')
      const { status, body } = await draft({ selector })
      expect([status, body.code]).toEqual([422, 'validation_failed'])
      expect(body.errors).toContainEqual(expect.objectContaining({ pointer, code }))
      const [row] = await store.database.sql`
      select (select count(*)::int from bulk_revocations) + (select count(*)::int from revocation_targets) as count`
      expect(row?.['count']).toBe(0)
    },
  )

  it.each([
    ['without a reason', { reason: undefined }, '/reason'],
    ['with half a reason', { reason: 'because' }, '/reason'],
    ['without kinds', { kinds: [] }, '/kinds'],
    ['with a fence for some', { fence: true }, '/fence'],
    ['with a fence of one kind', { fence: true, selector: { everyone: true } }, '/fence'],
    ['with a rate of nothing', { ratePerSecond: 0 }, '/ratePerSecond'],
  ])('is refused %s', async (_what, change, pointer) => {
    const { status, body } = await draft(change)
    expect(status).toBe(422)
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer }))
  })
})

describe('approval', () => {
  it('is due above a thousand accounts, by another admin than whoever drafted it', async () => {
    await makeMany(1001)
    const { body } = await draft()
    expect(body).toMatchObject({ needsApproval: true, counts: { accounts: 1001 } })
    expect((await call(drafter, 'POST', `/${body.id}/start`)).body.code).toBe('out_of_order')
    expect((await call(drafter, 'POST', `/${body.id}/approval`)).body.code).toBe('not_allowed')
    expect((await call(other, 'POST', `/${body.id}/start`)).body.code).toBe('out_of_order')
    const approved = await call(other, 'POST', `/${body.id}/approval`)
    expect(approved.body).toMatchObject({ state: 'approved', approvedBy: formatId('account', other!.id) })
    expect((await call(other, 'POST', `/${body.id}/approval`)).status).toBe(200)
    expect((await call(drafter, 'POST', `/${body.id}/start`)).body.state).toBe('running')
    await expect(
      store.database.sql`update bulk_revocations set approved_by = created_by`.then(() => 'written'),
    ).rejects.toThrow('bulk_revocations_four_eyes')
  })

  it('is not due for a thousand', async () => {
    await makeMany(1000)
    const { body } = await draft()
    expect(body.needsApproval).toBe(false)
    expect((await call(other, 'POST', `/${body.id}/approval`)).body.code).toBe('out_of_order')
  })
})

describe('a started bulk revocation', () => {
  it('is moved once however often that is said, and each move is recorded with its admin', async () => {
    await makeTarget('ada@example.com')
    const { body } = await draft()
    const move = (how: string) => call(drafter, 'POST', `/${body.id}/${how}`)
    for (const [how, state] of [
      ['start', 'running'],
      ['start', 'running'],
      ['pause', 'paused'],
      ['pause', 'paused'],
      ['resume', 'running'],
      ['cancel', 'cancelled'],
      ['cancel', 'cancelled'],
    ] as const) {
      const { status, body: moved } = await move(how)
      expect([how, status, moved.state]).toEqual([how, 200, state])
    }
    expect((await move('start')).body.code).toBe('out_of_order')
    const [jobs] = await store.database.sql`select count(*)::int as count from jobs where message = 'run.revocation'`
    expect(jobs?.['count']).toBe(16)
    const report = await call(drafter, 'GET', `/${body.id}/report`)
    expect(report.body.targets).toEqual({ pending: 1, done: 0, failed: 0, undone: 0 })
    expect(report.body.timeline.map((event: { action: string }) => event.action)).toEqual([
      'revocation_drafted',
      'revocation_started',
      'revocation_paused',
      'revocation_resumed',
      'revocation_cancelled',
    ])
    expect(report.body.timeline[1].actorId).toBe(formatId('account', drafter!.id))
  })

  it('is told as a page for printing and as a table', async () => {
    const id = await makeTarget('ada@example.com')
    const { body } = await draft({ reason: 'Incident <b>4711</b>' })
    const page = await call(drafter, 'GET', `/${body.id}/report?format=html`)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('Incident &lt;b&gt;4711&lt;/b&gt;')
    expect(page.body).not.toContain('<script')
    const table = await call(drafter, 'GET', `/${body.id}/report?format=csv`)
    expect(table.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(table.body).toBe(
      `accountId,state,sessions,apiKeys,sshKeys,errorCode,doneAt\r\n${formatId('account', id)},pending,0,0,0,,\r\n`,
    )
  })

  it('is for admins alone, in a session with a second factor, and its changes for a fresh proof', async () => {
    await makeTarget('ada@example.com')
    const { body } = await draft()
    const calls: [string, string][] = [
      ['GET', ''],
      ['POST', ''],
      ['GET', `/${body.id}`],
      ['GET', `/${body.id}/targets`],
      ['GET', `/${body.id}/report`],
      ...['approval', 'start', 'pause', 'resume', 'cancel', 'undo'].map((how): [string, string] => [
        'POST',
        `/${body.id}/${how}`,
      ]),
    ]
    const codes = async (by: MadeOwner | undefined) =>
      Promise.all(
        calls.map(
          async ([method, at]) =>
            (await call(by, method, at, at === '' && method === 'POST' ? usual : undefined)).body.code,
        ),
      )
    expect(new Set(await codes(support))).toEqual(new Set(['not_allowed']))
    await store.database.sql`update sessions set proved_at = now() - interval '1 hour' where account_id = ${other!.id}`
    const stale = await codes(other)
    expect(calls.filter((_, at) => stale[at] === 'reauthentication_required').map(([method]) => method)).toEqual(
      Array.from({ length: 7 }, () => 'POST'),
    )
    await store.database.sql`update sessions set second_factor = false where account_id = ${other!.id}`
    expect(new Set(await codes(other))).toEqual(new Set(['second_factor_required']))
    expect((await call(drafter, 'GET', `/${body.id}`)).body.state).toBe('draft')
  })

  it('is not there where there is none', async () => {
    const none = `/${body0}`
    for (const at of [none, `${none}/targets`, `${none}/report`, `${none}/report?format=csv`])
      expect((await call(drafter, 'GET', at)).status).toBe(404)
    for (const how of ['approval', 'start', 'pause', 'resume', 'cancel', 'undo'])
      expect((await call(drafter, 'POST', `${none}/${how}`)).status).toBe(404)
  })
})

const body0 = 'rev_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'
