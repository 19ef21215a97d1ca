import { randomBytes } from 'node:crypto'
import type { Id } from '@portcullis/contracts/ids'
import { sha256 } from '@portcullis/runtime/digest'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeSession } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'
import { newSshKeyLine } from './testing/ssh-key-line.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

const path = '/v1/account/ssh-keys'
const sample = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'

describe('adding an SSH key', () => {
  it('gives it a name, a type and the fingerprint of ssh-keygen, and drops its comment', async () => {
    const owner = await makeOwner()
    const made = await add(owner, `${sample} ada@secret-host\n`, 'Work laptop')
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^ssh_[0-9a-f]{32}$/),
        name: 'Work laptop',
        type: 'ssh-ed25519',
        fingerprint: 'SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8',
        publicKey: sample,
        createdAt: expect.stringMatching(/Z$/),
        deployments: [],
      },
    ])
    expect((await list(owner)).body).toEqual({ items: [made.body], nextCursor: null })
    expect(await wholeStore()).not.toContain('secret-host')
  })

  it('records it and tells the owner, once', async () => {
    const owner = await makeOwner()
    const made = await add(owner)
    expect(await audited(owner)).toEqual(['ssh_key_added'])
    expect(await listNoticeKinds(store.database, owner)).toEqual(['ssh_key_added'])
    const jobs = await store.database.sql`
      select payload from jobs where message = 'send.notice'
        and payload->>'noticeId' in (select id::text from notices where account_id = ${owner.id})`
    expect(jobs).toHaveLength(1)
    expect(made.status).toBe(201)
  })

  it.each([
    ['options', `command="id" ${sample}`, 'ssh_options'],
    ['an authority', `cert-authority ${sample}`, 'ssh_cert_authority'],
    ['two lines', `${sample}\n${sample}\n`, 'ssh_several_lines'],
    ['a bare CR', `${sample} x\rssh-rsa AAAA`, 'ssh_control_character'],
    ['a NUL', `${sample} \0`, 'ssh_control_character'],
    ['9 kB', `${sample} ${'x'.repeat(9000)}`, 'ssh_too_long'],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3MAAAAA', 'ssh_dss'],
    ['a zero key', `ssh-ed25519 ${zeroBlob()}`, 'ssh_ed25519_low_order'],
    ['a cut key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==', 'ssh_cut'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n', 'ssh_private_key'],
    ['nothing', ' ', 'ssh_empty'],
  ])('refuses %s with a code of its own at /publicKey, and changes nothing', async (_what, text, code) => {
    const owner = await makeOwner()
    const refused = await add(owner, text)
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ pointer: '/publicKey', code }] },
    })
    expect(JSON.stringify(refused.body) + gateway.logged.join('')).not.toContain(text.trim() || 'no text')
    expect([await audited(owner), await listNoticeKinds(store.database, owner), await rows(owner)]).toEqual([
      [],
      [],
      [],
    ])
  })

  it.each(['slot', 'accountId', 'createdAt', 'fingerprint'])('refuses the field %s', async (field) => {
    const owner = await makeOwner()
    const refused = await call('POST', path, owner.token, { name: 'a', publicKey: newSshKeyLine(), [field]: 1 })
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: `/${field}`, code: 'unknown_field' }] } })
  })

  it('takes the same key once per account, and again after it was revoked', async () => {
    const [owner, other] = [await makeOwner(), await makeOwner()]
    const line = newSshKeyLine()
    const made = await add(owner, line)
    expect(await add(owner, `  ${line.replace('ada', 'bob')}`)).toMatchObject({
      status: 409,
      body: { code: 'already_there' },
    })
    expect((await add(other, line)).status).toBe(201)
    expect((await revoke(owner, made.body.id)).status).toBe(204)
    expect((await add(owner, line)).status).toBe(201)
  })

  it('lets three live at a time; a revoked one gives its place', async () => {
    const owner = await makeOwner()
    const made = [await add(owner), await add(owner), await add(owner)]
    expect(await add(owner)).toMatchObject({ status: 409, body: { code: 'limit_reached' } })
    await revoke(owner, made[1]?.body.id)
    expect((await add(owner)).status).toBe(201)
    expect((await list(owner)).body.items).toHaveLength(3)
  })

  it('is over for an account that has had 5000: its revocation list stays whole', async () => {
    const owner = await makeOwner()
    await store.database.sql`
      insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch, revoked_at)
      select gen_random_uuid(), ${owner.id}, 1, 'old', 'ssh-ed25519', 'x', sha256(n::text::bytea), 1, now()
      from generate_series(1, 4999) as n`
    const made = await add(owner)
    expect(made.status).toBe(201)
    await revoke(owner, made.body.id)
    expect(await add(owner)).toMatchObject({ status: 409, body: { code: 'limit_reached' } })
  })

  it('gives the places of keys that a fence has voided to new ones, and records why', async () => {
    const owner = await makeOwner()
    for (let count = 0; count < 3; count += 1) await add(owner)
    await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.id}`
    await renewSession(owner)
    expect((await list(owner)).body.items).toEqual([])
    expect((await add(owner)).status).toBe(201)
    expect((await list(owner)).body.items).toHaveLength(1)
    expect((await audited(owner)).filter((action) => action === 'ssh_key_revoked')).toHaveLength(3)
  })

  it('repeats its answer under an Idempotency-Key, also when sent at once, and refuses another body', async () => {
    const owner = await makeOwner()
    const line = newSshKeyLine()
    const header = { 'idempotency-key': 'one-key' }
    const tries = await Promise.all(Array.from({ length: 50 }, () => add(owner, line, 'Laptop', header)))
    expect(new Set(tries.map((one) => one.status))).toEqual(new Set([201]))
    expect(new Set(tries.map((one) => one.body.id)).size).toBe(1)
    expect(await rows(owner)).toHaveLength(1)
    const other = await add(owner, newSshKeyLine(), 'Laptop', header)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    const stranger = await makeOwner()
    expect((await add(stranger, line, 'Laptop', header)).body.id).not.toBe(tries[0]?.body.id)
  })

  it('never makes more than three live, however many are added at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const lines = Array.from({ length: 50 }, () => newSshKeyLine())
      const tries = await Promise.all(lines.map((line) => add(owner, line)))
      expect(tries.filter((one) => one.status === 201)).toHaveLength(3)
      expect(tries.filter((one) => one.body.code === 'limit_reached')).toHaveLength(47)
      expect((await rows(owner)).filter((row) => row.revoked_at === null)).toHaveLength(3)
    }
  }, 120_000)

  it('makes nothing that outlives a lockdown at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const adding = Array.from({ length: 50 }, () => add(owner))
      await store.database.sql`
        update accounts set security_epoch = security_epoch + 1, state = 'locked' where id = ${owner.id}`
      await Promise.all(adding)
      const alive = await store.database.sql`
        select ssh_keys.id from ssh_keys join accounts on accounts.id = account_id
        where account_id = ${owner.id} and revoked_at is null and epoch = security_epoch`
      expect(alive).toHaveLength(0)
    }
  }, 60_000)
})

describe('an SSH key', () => {
  it('is renamed and revoked by its owner alone: others are told that there is nothing', async () => {
    const [owner, other] = [await makeOwner(), await makeOwner()]
    const { id } = (await add(owner)).body
    for (const [method, body] of [
      ['PATCH', { name: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      for (const target of [id, 'ssh_00000000000070008000000000000000', 'ssh_1', '..%2f']) {
        const refused = await call(method, `${path}/${target}`, other.token, body)
        expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } })
      }
    }
    expect((await call('PATCH', `${path}/${id}`, owner.token, { name: 'Desk' })).body).toMatchObject({
      id,
      name: 'Desk',
    })
    expect((await revoke(owner, id)).status).toBe(204)
    expect((await revoke(owner, id)).status).toBe(404)
    expect((await call('PATCH', `${path}/${id}`, owner.token, { name: 'Desk' })).status).toBe(404)
    expect((await list(owner)).body.items).toEqual([])
    expect(await audited(owner)).toEqual(['ssh_key_added', 'ssh_key_renamed', 'ssh_key_revoked'])
    expect(await audited(other)).toEqual([])
  })

  it('wants a session, and a proof no older than ten minutes for every change', async () => {
    const owner = await makeOwner()
    const { id } = (await add(owner)).body
    await store.database
      .sql`update sessions set proved_at = now() - interval '601 seconds' where account_id = ${owner.id}`
    const changes = [
      ['POST', path, { name: 'a', publicKey: newSshKeyLine() }],
      ['PATCH', `${path}/${id}`, { name: 'a' }],
      ['DELETE', `${path}/${id}`, undefined],
    ] as const
    for (const [method, target, body] of changes) {
      const refused = await call(method, target, owner.token, body)
      expect([refused.status, refused.body.code]).toEqual([403, 'reauthentication_required'])
      expect((await call(method, target, 'pcs_nobody', body)).status).toBe(401)
    }
    expect((await list(owner)).body.items).toHaveLength(1)
  })
})

interface Owner {
  readonly id: Id<'account'>
  token: string
}

async function makeOwner(): Promise<Owner> {
  const owner = { id: (await makeAccount(store.database)).id, token: '' }
  await renewSession(owner)
  return owner
}

async function renewSession(owner: Owner): Promise<void> {
  const session = await makeSession(store.database, owner.id)
  owner.token = `pcs_${randomBytes(32).toString('base64url').replaceAll(/[-_]/g, 'x')}`
  await store.database.sql`update sessions set token_hash = ${sha256(owner.token)} where id = ${session}`
}

function zeroBlob(): string {
  return Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), Buffer.alloc(32)]).toString(
    'base64',
  )
}

function add(owner: Owner, publicKey = newSshKeyLine(), name = 'Laptop', headers: Record<string, string> = {}) {
  return call('POST', path, owner.token, { name, publicKey }, headers)
}

function list(owner: Owner): Promise<Called> {
  return call('GET', path, owner.token)
}

function revoke(owner: Owner, id: unknown): Promise<Called> {
  return call('DELETE', `${path}/${id}`, owner.token)
}

function call(
  method: string,
  target: string,
  token: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Called> {
  return send(gateway, method, target, { token, body, headers })
}

function rows(owner: Owner) {
  return store.database.sql<{ revoked_at: Date | null }[]>`
    select revoked_at from ssh_keys where account_id = ${owner.id}`.then((found) => [...found])
}

async function audited(owner: Owner): Promise<string[]> {
  const found = await store.database.sql<{ action: string }[]>`
    select action from audit_events where account_id = ${owner.id} and action like 'ssh_key%' order by id`
  return found.map((row) => row.action)
}

async function wholeStore(): Promise<string> {
  const found = await store.database.sql`
    select to_jsonb(k)::text as row from ssh_keys k union all select to_jsonb(a)::text from audit_events a
    union all select to_jsonb(j)::text from jobs j`
  return JSON.stringify(found)
}
