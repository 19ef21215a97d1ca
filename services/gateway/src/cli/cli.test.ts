import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { formatId } from '@portcullis/contracts/ids'
import { sha256 } from '@portcullis/runtime/digest'
import { makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued, listAudited } from '@portcullis/testkit/expect'
import { claimAll, enqueue, readJob } from '@portcullis/testkit/ledger'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { runLockdown } from '../testing/lockdown-ground.ts'
import { type MadeOwner, makeOwner } from '../testing/make-owner.ts'
import { type OpenGateway, openGateway } from '../testing/open-gateway.ts'
import { runCli } from './run-cli.ts'
import { createTerminal } from './terminal.ts'

// Each test starts some processes, each of which reads its whole source.
vi.setConfig({ testTimeout: 120_000 })

const store = useDatabase()
const bin = fileURLToPath(new URL('main.ts', import.meta.url))
const reason = 'Ticket 4711: the relay host is back'
const folder = mkdtempSync(join(tmpdir(), 'portcullis-cli-'))
const auditKeys = makeAuditKeys()
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database, { auditKeys })
  admin = await makeStaff()
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  await store.database
    .sql`truncate jobs, queue_pauses, audit_events, audit_chain, audit_seals, bootstrap_tokens, api_clients`
})

async function makeStaff(): Promise<MadeOwner> {
  const owner = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${owner.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${owner.sessionId}`
  return owner
}

/** The end of a command. */
interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the real command line as a process of its own. */
function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const settings = { DATABASE_URL: store.url, PORTCULLIS_URL: gateway.url, PORTCULLIS_TOKEN: admin.token, ...env }
  const child = spawn(process.execPath, ['--conditions=@portcullis/source', bin, ...words], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
}

/** The same in this process, for what a start of it adds nothing to. */
async function runHere(words: readonly string[]): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const terminal = createTerminal({ stdout, stderr, json: words.includes('--json') })
  const env = { DATABASE_URL: store.url, PORTCULLIS_URL: gateway.url, PORTCULLIS_TOKEN: admin.token }
  const code = await runCli(words, { env, terminal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

/** The one JSON document that a command printed. */
const json = ({ out }: Ran) => JSON.parse(out)

async function dead(count: number) {
  const ids = await enqueue(store.database, ...Array.from({ length: count }, () => ({})))
  await store.database.sql`
    update jobs set state = 'dead', last_error_code = 'smtp_refused', done_at = now() where id = any(${ids}::uuid[])`
  return ids
}

describe('usage', () => {
  it('help is no failure, names the settings and the exit codes, and shows examples', async () => {
    const ran = await run(['--help'])
    expect(ran).toMatchObject({ code: 0, err: '' })
    for (const word of ['migrate', 'DATABASE_URL', 'PORTCULLIS_TOKEN', 'Exit codes', 'Examples:'])
      expect(ran.out).toContain(word)
    expect((await runHere(['jobs', 'replay', '--help'])).out).toContain(
      'portcullis jobs replay --all --message send.notice',
    )
  })

  it.each([
    [['no-such']],
    [['jobs', 'replay', '--reason', reason]],
    [['jobs', 'replay', '--all', '--reason', reason]],
    [['jobs', 'replay', '--everything', '--message', 'send.notice', '--reason', reason]],
    [['jobs', 'replay', 'job_1', '--reason', reason]],
    [['jobs', 'discard', 'job_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f']],
    [['jobs', 'dead', '--message', 'no.such']],
    [['queues', 'pause', 'nobody', '--reason', reason]],
    [['queues', 'pause', 'notifier', '--reason', 'short']],
    [['client', 'create', 'Shop', '--scope', 'everything']],
    [['audit', 'verify', 'no-such-file']],
    [['revocations', 'draft', '--selector', '{', '--kind', 'sessions', '--reason', reason]],
    [['lockdown', 'ada', '--reason', reason]],
  ])('%j is wrong usage: 2, said on standard error, and nothing is tried', async (words) => {
    await dead(1)
    const ran = await runHere(words)
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err.length).toBeGreaterThan(10)
    expect(await listAudited(store.database)).toEqual([])
    expect(await store.database.sql`select from queue_pauses`).toHaveLength(0)
  })

  it('a setting that is missing is named: 2', async () => {
    const ran = await run(['jobs', 'dead'], { DATABASE_URL: '' })
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain('DATABASE_URL')
    expect((await run(['revocations', 'list'], { PORTCULLIS_TOKEN: '' })).err).toContain('PORTCULLIS_TOKEN')
  })

  it('a store that is away is 3, a gateway that is away too, and neither tells an address or a password', async () => {
    const away = {
      DATABASE_URL: 'postgres://someone:hidden-word@127.0.0.1:1/away',
      PORTCULLIS_URL: 'http://127.0.0.1:1',
    }
    const commands = [
      ['jobs', 'dead'],
      ['migrate'],
      ['queues', 'list'],
      ['revocations', 'list'],
      ['audit', 'export', '--out', join(folder, 'x')],
    ]
    for (const words of commands) {
      const ran = await run(words, away)
      expect(ran, words.join(' ')).toMatchObject({ code: 3, out: '' })
      expect(ran.err).not.toContain('hidden-word')
      expect(ran.err).not.toContain(admin.token)
    }
  })

  it('with --json the result is one document, the reason of a failure another on standard error, and no colour anywhere', async () => {
    await dead(1)
    const good = await run(['jobs', 'dead', '--json'], { FORCE_COLOR: '1' })
    expect(json(good)).toMatchObject({ items: [{ message: 'send.notice' }], more: false })
    const bad = await run(['jobs', 'discard', 'job_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f', '--reason', reason, '--json'])
    expect(bad).toMatchObject({ code: 1, out: '' })
    expect(JSON.parse(bad.err)).toMatchObject({ error: { code: 'not_found' } })
    const plain = await run(['jobs', 'dead'])
    expect(plain.out + plain.err).not.toContain('\u001b')
  })
})

describe('on the store', () => {
  it('migrate brings it to the shape of this release, again as well', async () => {
    expect(json(await run(['migrate', '--json']))).toEqual({ migrated: true })
  })

  it('admin create prints a token once, whose hash is all that is kept, and none once there is an admin', async () => {
    const refused = await run(['admin', 'create', 'ada@example.com'])
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('--force')
    const { token } = json(await run(['admin', 'create', 'ada@example.com', '--force', '--json']))
    const [row] = await store.database.sql`select token_hash as hash from bootstrap_tokens`
    expect(row?.['hash']).toEqual(sha256(token))
    expect((await runHere(['admin', 'create', 'nobody', '--force'])).code).toBe(1)
  })

  it('client create, list and revoke: the secret is shown once', async () => {
    const made = json(await run(['client', 'create', 'Shop', '--scope', 'introspect', '--scope', 'revoke', '--json']))
    expect(made).toMatchObject({ secret: expect.stringMatching(/^pcc_/), scopes: ['introspect', 'revoke'] })
    const listed = await runHere(['client', 'list'])
    expect(listed.out).toMatch(new RegExp(`${made.id} +Shop +introspect revoke +alive`))
    expect(listed.out).not.toContain(made.secret)
    expect((await runHere(['client', 'revoke', made.id, '--reason', reason])).code).toBe(0)
    expect((await runHere(['client', 'revoke', made.id, '--reason', reason])).code).toBe(1)
    expect((await runHere(['client', 'list'])).out).toContain('revoked')
  })

  it('a name that came from outside can paint nothing on the terminal', async () => {
    await store.database.sql`
      insert into api_clients (id, name, secret_hash, scopes) values (uuidv7(), ${'\u001b[31mred\u0007\u202e'}, '\\x00', '{introspect}')`
    const { out } = await runHere(['client', 'list'])
    expect(out).toContain('red')
    expect([...out].filter((one) => ['\u001b', '\u0007', '\u202e'].includes(one))).toEqual([])
  })

  it('jobs dead, replay and discard', async () => {
    const [one, two, ...others] = await dead(5)
    const listed = await run(['jobs', 'dead'])
    expect(listed.out.split('\n')[0]).toMatch(/^ID +MESSAGE +HEARER +CODE/)
    expect(listed.out).toContain(formatId('job', one!))
    expect((await runHere(['jobs', 'discard', formatId('job', one!), '--reason', reason])).code).toBe(0)
    expect((await runHere(['jobs', 'replay', formatId('job', two!), '--reason', reason])).code).toBe(0)
    expect(await claimAll(store.database)).toMatchObject([{ id: two }])
    const bulk = await run([
      'jobs',
      'replay',
      '--all',
      '--message',
      'send.notice',
      '--rate',
      '2',
      '--reason',
      reason,
      '--json',
    ])
    expect(json(bulk)).toEqual({ replayed: 3, left: 0, lastDueSeconds: 1 })
    expect((await readJob(store.database, others[0]!)).state).toBe('pending')
    expect(await listAudited(store.database)).toMatchObject([
      { action: 'job_discarded', actor: 'system', details: { by: 'command_line', reason } },
      { action: 'job_replayed' },
      { action: 'jobs_replayed' },
    ])
  })

  it('queues list, pause and resume; what lockdowns need tells support', async () => {
    const paused = json(await run(['queues', 'pause', 'lockdown', '--reason', reason, '--json']))
    expect(paused.items).toMatchObject([{ name: 'lockdown', pauses: [{ message: null, reason }] }])
    await expectEnqueued(store.database, 'tell.support', [
      { pauseId: expect.any(String), queue: 'lockdown', message: '*' },
    ])
    expect((await runHere(['queues', 'list'])).out).toMatch(/lockdown .* all\n/)
    expect((await runHere(['queues', 'pause', 'notifier', '--message', 'tell.support', '--reason', reason])).code).toBe(
      1,
    )
    expect(json(await runHere(['queues', 'resume', 'lockdown', '--reason', reason, '--json'])).items[0].pauses).toEqual(
      [],
    )
  })
})

describe('by the gateway', () => {
  it('lockdown locks by id or address, and tells how far it is until every step is proven', async () => {
    const owner = await makeOwner(store.database)
    const running = run(['lockdown', formatId('account', owner.id), '--reason', reason])
    const id = await vi.waitFor(
      async () => {
        const [row] = await store.database.sql<
          { id: string }[]
        >`select id from lockdowns where account_id = ${owner.id}`
        return formatId('lockdown', row!.id as never)
      },
      { timeout: 20_000 },
    )
    // What the notifier would do.
    await store.database.sql`update notices set mailed_at = now() where account_id = ${owner.id}`
    await store.database.sql`
      insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
      select uuidv7(), 'support_told', account_id, 'system', 'lockdown', id, '{}' from lockdowns where account_id = ${owner.id}`
    await runLockdown(store.database, id)
    const ran = await running
    expect(ran).toMatchObject({ code: 0, out: 'Contained: every step is proven.\n' })
    expect(ran.err).toContain(id)
    expect(ran.err).toMatch(/containing 100 % \| (\d+)\/\1/)

    const other = await makeOwner(store.database)
    const [row] = await store.database.sql<{ email: string }[]>`select email from accounts where id = ${other.id}`
    const quick = await run(['lockdown', row!.email, '--reason', reason, '--no-wait', '--json'])
    expect(json(quick)).toMatchObject({
      lockdown: expect.stringMatching(/^lck_/),
      operation: expect.stringMatching(/^opn_/),
    })
    const [locked] = await store.database.sql`select state from accounts where id = ${other.id}`
    expect(locked).toEqual({ state: 'locked' })
    expect((await runHere(['lockdown', 'nobody@example.org', '--reason', reason])).code).toBe(1)
  })

  it('a session that may not is told which way: 1, and the token is never shown', async () => {
    const member = await makeOwner(store.database)
    const ran = await run(['lockdown', formatId('account', admin.id), '--reason', reason, '--json'], {
      PORTCULLIS_TOKEN: member.token,
    })
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.err)).toMatchObject({ error: { code: 'not_allowed', requestId: expect.any(String) } })
    expect(ran.err).not.toContain(member.token)
  })

  it('an export is written whole or not at all, for its owner alone', async () => {
    const good = join(folder, 'good.ndjson')
    const cut = join(folder, 'cut.ndjson')
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write('{"kind":"header"}\n')
      if (request.headers.authorization !== 'Bearer cut') response.end()
      else setImmediate(() => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const PORTCULLIS_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await run(['audit', 'export', '--out', good], { PORTCULLIS_URL })).toMatchObject({ code: 0 })
    expect(readFileSync(good, 'utf8')).toBe('{"kind":"header"}\n')
    expect(statSync(good).mode & 0o777).toBe(0o600)
    expect((await run(['audit', 'export', '--out', cut], { PORTCULLIS_URL, PORTCULLIS_TOKEN: 'cut' })).code).toBe(1)
    expect(statSync(cut, { throwIfNoEntry: false })).toBeUndefined()
    expect(statSync(`${cut}.part`, { throwIfNoEntry: false })).toBeUndefined()
    server.close()
  })
})

describe('revocations', () => {
  const draft = (accountId: string) => {
    const selector = JSON.stringify({ accountIds: [accountId] })
    return ['revocations', 'draft', '--selector', selector, '--kind', 'sessions', '--reason', reason, '--json']
  }

  it('draft says how many, list and show find it, start watches until it is over', async () => {
    const owner = await makeOwner(store.database)
    const drafted = json(await runHere(draft(formatId('account', owner.id))))
    expect(drafted).toMatchObject({ state: 'draft', counts: { accounts: 1, sessions: 1 }, reason })
    const { id } = drafted
    expect((await runHere(['revocations', 'list'])).out).toContain(id)
    expect((await runHere(['revocations', 'show', id])).out).toMatch(/counted +1 accounts: 1 sessions/)

    const running = run(['revocations', 'start', id])
    const revocation = await vi.waitFor(
      async () => {
        const [row] = await store.database.sql<
          { id: string }[]
        >`select id from bulk_revocations where state = 'running'`
        expect(row).toBeDefined()
        return row!
      },
      { timeout: 60_000 },
    )
    // What the revoker would do.
    await store.database.sql`update bulk_revocations set state = 'done', ended_at = now() where id = ${revocation.id}`
    await store.database.sql`
      update operations set status = 'done', done = total, updated_at = clock_timestamp(), ended_at = now()
      where kind = 'bulk_revocation'`
    const ran = await running
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.out).toMatch(new RegExp(`^${id}  done\n`))
    expect(ran.err).toContain('revoking 100 % | 1/1')
  })

  it('a draft is cancelled, and what the gateway refuses is told with its field: 1', async () => {
    const owner = await makeOwner(store.database)
    const { id } = json(await runHere(draft(formatId('account', owner.id))))
    expect(json(await runHere(['revocations', 'cancel', id, '--json']))).toMatchObject({ state: 'cancelled' })
    const refused = await runHere(['revocations', 'start', id])
    expect(refused).toMatchObject({ code: 1, out: '' })
    const empty = await runHere(['revocations', 'draft', '--selector', '{}', '--kind', 'sessions', '--reason', reason])
    expect(empty).toMatchObject({ code: 1, out: '' })
    expect(empty.err).toContain('/selector')
  })
})

describe('audit verify', () => {
  it('what the gateway exports verifies offline; one changed word is found and its event named: 1', async () => {
    await recordEach(
      store.database,
      Array.from({ length: 5 }, () => makeFact(admin.id)),
    )
    await sealAll(store.database, auditKeys)
    const keys = join(folder, 'keys.json')
    writeFileSync(keys, await (await fetch(`${gateway.url}/.well-known/portcullis-audit-keys`)).text())
    const file = join(folder, 'audit.ndjson')
    expect(await run(['audit', 'export', '--out', file])).toMatchObject({ code: 0 })
    const offline = { DATABASE_URL: '', PORTCULLIS_URL: '', PORTCULLIS_TOKEN: '' }
    const sound = await run(['audit', 'verify', file, '--keys', keys, '--json'], offline)
    expect(sound).toMatchObject({ code: 0, err: '' })
    expect(json(sound)).toMatchObject({ ok: true, events: 5, trusted: true })

    const lines = readFileSync(file, 'utf8').split('\n')
    const at = lines.findIndex((line) => line.includes('"sequence":3'))
    lines[at] = lines[at]!.replace(/"action":"[a-z_]+"/, '"action":"session_renewed"')
    const changed = join(folder, 'changed.ndjson')
    writeFileSync(changed, lines.join('\n'))
    const unsound = await runHere(['audit', 'verify', changed, '--keys', keys, '--json'])
    expect(unsound.code).toBe(1)
    expect(json(unsound)).toMatchObject({ ok: false, code: 'event_changed', sequence: 3, line: at + 1 })
  })

  it('needs no setting at all, and says of what is no export that it is none: 1', async () => {
    const file = join(folder, 'nonsense.ndjson')
    writeFileSync(file, '{"kind":"event"}\n')
    const ran = await run(['audit', 'verify', file, '--json'], {
      DATABASE_URL: '',
      PORTCULLIS_URL: '',
      PORTCULLIS_TOKEN: '',
    })
    expect(ran).toMatchObject({ code: 1, err: '' })
    expect(json(ran)).toMatchObject({ ok: false, code: 'line_malformed', line: 1 })
    expect((await runHere(['audit', 'verify', file])).out).toContain('NOT sound')
  })
})
