import { type AccountExportLine, accountExportLineSchema, exportKinds } from '@portcullis/contracts/account-export'
import { asId, type Id } from '@portcullis/contracts/ids'
import { deleteExpiredExports } from '@portcullis/db/queries/account-export'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { makeExport } from '@portcullis/domain/export/make'
import { systemClock } from '@portcullis/runtime/clock'
import { createSealer } from '@portcullis/runtime/seal'
import { newTraceparent } from '@portcullis/runtime/tracing'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeFullAccount } from '@portcullis/testkit/full-account'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import { makeOwner, makeOwnSession } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(5) }] })
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database, { exportSealer: sealer })
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`truncate audit_events, jobs, idempotency_keys`)

const path = '/v1/account/exports'
const ask = (token: string, headers: Record<string, string> = {}) => send(gateway, 'POST', path, { token, headers })
const read = (token: string, id: string) => send(gateway, 'GET', `${path}/${id}`, { token })
const fetchIt = (token: string, id: string) => send(gateway, 'GET', `${path}/${id}/download`, { token })

const step = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)

/** Does what the sweeper would, a few rows at a time. */
function make(publicId: string, run: typeof step = step) {
  const id = asId('operation', hyphenated(publicId))
  return makeExport({ sealer, clock: systemClock, partRows: 7 }, id, newTraceparent(), run)
}

const linesOf = (body: string): AccountExportLine[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => accountExportLineSchema.parse(JSON.parse(line)))

/** An account with something of every kind, and a session of it. */
async function makeFullOwner() {
  const account = await makeFullAccount(store.database, { sessions: 9 })
  const { sql } = store.database
  await sql`
    insert into notices (id, account_id, kind, ip, user_agent, details)
    select uuidv7(), ${account.id}, 'new_device', '203.0.113.7', 'Firefox', '{"name": "x"}' from generate_series(1, 30)`
  await sql`
    insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
    select uuidv7(), 'session_created', ${account.id}, 'account', 'session', uuidv7(), '{}' from generate_series(1, 17)`
  await sql`
    insert into audit_events (id, action, account_id, actor, actor_id, subject_kind, subject_id, details)
    values (uuidv7(), 'account_disabled', ${account.id}, 'admin', uuidv7(), 'account', ${account.id}, '{"reason": "smells"}')`
  await sql`
    insert into account_closings (id, account_id, state, due_at, keep_salt, ended_at)
    values (uuidv7(), ${account.id}, 'kept', now(), '\\x00', now())`
  await addLockdown(account.id)
  return { ...account, ...(await makeOwnSession(store.database, account.id)) }
}

async function addLockdown(id: Id<'account'>): Promise<void> {
  await store.database.sql`
    with operation as (
      insert into operations (id, kind, actor, status) values (uuidv7(), 'lockdown', 'account', 'done') returning id
    )
    insert into lockdowns (id, account_id, trigger, reason, compromised_since, epoch, state, snapshot, txn, recovery_salt)
    select id, ${id}, 'owner', 'lost', now(), 1, 'recovered', '{}', id, '\\x00' from operation`
}

describe('a copy of all that is kept of an owner', () => {
  it('holds everything, page by page, in the form that is documented, and no secret; it is given once', async () => {
    const owner = await makeFullOwner()
    const other = await makeFullAccount(store.database, { sessions: 2 })
    const asked = await ask(owner.token)
    expect(asked).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^opn_/), state: 'running' } })
    const { id } = asked.body
    expect(asked.headers.get('location')).toBe(`/v1/operations/${id}`)
    expect((await fetchIt(owner.token, id)).status).toBe(404)
    expect(await make(id)).toBe('ready')
    expect((await read(owner.token, id)).body).toMatchObject({ state: 'ready', expiresAt: expect.any(String) })
    expect((await send(gateway, 'GET', `/v1/operations/${id}`, { token: owner.token })).body).toMatchObject({
      kind: 'account_export',
      status: 'done',
      progress: { done: exportKinds.length, total: exportKinds.length },
    })
    const fetched = await fetchIt(owner.token, id)
    expect(fetched.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = linesOf(fetched.body)
    const byType = Map.groupBy(lines, (line) => line.type)
    expect(lines[0]).toMatchObject({ type: 'header', format: 'portcullis-account/1' })
    expect(byType.get('profile')).toMatchObject([{ email: owner.email, backupCodesLeft: 10 }])
    const counts = Object.fromEntries(exportKinds.map((kind) => [kind, byType.get(kind)?.length ?? 0]))
    expect(counts).toMatchObject({
      session: 10,
      api_key: 3,
      ssh_key: 3,
      notice: 30,
      rental: 2,
      lockdown: 1,
      closing: 1,
    })
    expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
    expect(lines.at(-1)).toEqual({ type: 'end', counts })
    expect(fetched.body).not.toContain(other.email)
    expect(fetched.body).not.toContain('smells')
    for (const secret of await secretsOf(owner.id)) expect(fetched.body).not.toContain(secret)
    expect((await fetchIt(owner.token, id)).status).toBe(404)
    expect((await read(owner.token, id)).body).toMatchObject({ state: 'fetched' })
    const actions = (await listAudited(store.database)).map((event) => event.action)
    expect(actions.filter((action) => action.startsWith('account_export'))).toEqual([
      'account_export_requested',
      'account_exported',
      'account_export_fetched',
    ])
  })

  it('is sealed in the store: no line of it can be read there', async () => {
    const owner = await makeFullOwner()
    const { id } = (await ask(owner.token)).body
    await make(id)
    const parts = await store.database.sql<{ sealed: string }[]>`
      select lines_sealed as sealed from account_export_parts where export_id = ${hyphenated(id)}`
    expect(parts.length).toBeGreaterThan(10)
    for (const { sealed } of parts) expect(sealed).toMatch(/^v1\.k1\.[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  it('of a run that was cut is made anew, with each line once', async () => {
    const owner = await makeFullOwner()
    const { id } = (await ask(owner.token)).body
    let steps = 0
    const cut: typeof step = (work) => ((steps += 1) > 9 ? Promise.reject(new Error('gone')) : step(work))
    await expect(make(id, cut)).rejects.toThrow('gone')
    expect((await read(owner.token, id)).body).toMatchObject({ state: 'running' })
    expect(await make(id)).toBe('ready')
    expect(await make(id)).toBe('gone')
    const lines = linesOf((await fetchIt(owner.token, id)).body)
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(lines.length)
  })

  it('is one at a time, and three a day', async () => {
    const owner = await makeOwner(store.database)
    const first = await ask(owner.token)
    expect((await ask(owner.token)).body).toMatchObject({ code: 'limit_reached' })
    await make(first.body.id)
    for (const _ of [2, 3]) await make((await ask(owner.token)).body.id)
    expect((await ask(owner.token)).body).toMatchObject({ code: 'limit_reached' })
    await store.database
      .sql`update account_exports set created_at = now() - interval '25 hours' where account_id = ${owner.id}`
    expect((await ask(owner.token)).status).toBe(202)
  })

  it('of many wishes at once is one', async () => {
    const owner = await makeOwner(store.database)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(owner.token)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array<number>(7).fill(409)])
  })

  it('asked for again under one Idempotency-Key is the same', async () => {
    const owner = await makeOwner(store.database)
    const keyed = () => ask(owner.token, { 'idempotency-key': 'k-1' })
    expect((await keyed()).body).toEqual((await keyed()).body)
  })

  it('is given once to one of many who ask at once', async () => {
    const owner = await makeOwner(store.database)
    const { id } = (await ask(owner.token)).body
    await make(id)
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetchIt(owner.token, id)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404, 404])
  })

  it('is refused while the address can be taken back, and without a fresh proof, to fetch as well', async () => {
    const owner = await makeOwner(store.database)
    const { id } = (await ask(owner.token)).body
    await make(id)
    const { sql } = store.database
    await sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${owner.sessionId}`
    expect((await ask(owner.token)).body).toMatchObject({ code: 'reauthentication_required' })
    expect((await fetchIt(owner.token, id)).body).toMatchObject({ code: 'reauthentication_required' })
    await sql`update sessions set proved_at = now() where id = ${owner.sessionId}`
    await sql`
      insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
        revert_salt, epoch, expires_at, revert_until)
      values (uuidv7(), ${owner.id}, 'a@b.example', 'a@b.example', 'c@b.example', 'c@b.example', 'confirmed', '\\x00', '\\x00', 1,
        now(), now() + interval '1 day')`
    expect((await ask(owner.token)).body).toMatchObject({ code: 'cooling_down' })
  })

  it('is there for nobody else, nor when it has expired', async () => {
    const [owner, stranger] = [await makeOwner(store.database), await makeOwner(store.database)]
    const { id } = (await ask(owner.token)).body
    await make(id)
    expect((await read(stranger.token, id)).status).toBe(404)
    expect((await fetchIt(stranger.token, id)).status).toBe(404)
    await store.database.sql`update account_exports set expires_at = now() where account_id = ${owner.id}`
    expect((await fetchIt(owner.token, id)).status).toBe(404)
  })

  it('that was never made fails when its time is over, and does not stand in the way before', async () => {
    const owner = await makeOwner(store.database)
    const { id } = (await ask(owner.token)).body
    const { sql } = store.database
    await sql`update account_exports set created_at = now() - interval '7 hours' where account_id = ${owner.id}`
    expect((await read(owner.token, id)).body).toMatchObject({ state: 'failed' })
    expect((await ask(owner.token)).status).toBe(202)
    await sql`update account_exports set expires_at = now() where id = ${hyphenated(id)}`
    await inTransaction(store.database, (tx) => deleteExpiredExports(tx, 10))
    expect((await read(owner.token, id)).status).toBe(404)
    expect((await send(gateway, 'GET', `/v1/operations/${id}`, { token: owner.token })).body).toMatchObject({
      status: 'failed',
      error: { code: 'expired' },
    })
  })

  it('is not made for an account that was locked meanwhile', async () => {
    const owner = await makeOwner(store.database)
    const { id } = (await ask(owner.token)).body
    await send(gateway, 'POST', '/v1/account/lockdowns', { token: owner.token, body: {} })
    expect(await make(id)).toBe('refused')
    const [row] = await store.database.sql`
      select status, error_code as code from operations where id = ${hyphenated(id)}`
    expect(row).toEqual({ status: 'failed', code: 'account_not_active' })
  })
})

/** What must never leave the store: hashes, salts and sealed secrets, in both spellings. */
async function secretsOf(accountId: Id<'account'>): Promise<string[]> {
  const rows = await store.database.sql<{ secret: string }[]>`
    select password_hash as secret from accounts where id = ${accountId}
    union all select code_hash from backup_codes where account_id = ${accountId}
    union all select encode(key_hash, 'hex') from api_keys where account_id = ${accountId}
    union all select encode(token_hash, 'hex') from sessions where account_id = ${accountId}
    union all select encode(token_hash, 'base64') from sessions where account_id = ${accountId}
    union all select encode(token_hash, 'hex') from password_resets where account_id = ${accountId}`
  return rows.map((row) => row.secret)
}
