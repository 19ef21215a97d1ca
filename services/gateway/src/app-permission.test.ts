import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { endpoints } from '@portcullis/contracts/api/index'
import { clientScopes, type ClientScope } from '@portcullis/contracts/client-scope'
import { formatId } from '@portcullis/contracts/ids'
import { buildOpenApi } from '@portcullis/contracts/openapi'
import { insertApiKey } from '@portcullis/db/queries/api-key'
import { inTransaction } from '@portcullis/db/transaction'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { builtInScopes } from '@portcullis/domain/api-key/scope'
import { sealSecret } from '@portcullis/domain/two-factor/secret'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { createSealer } from '@portcullis/runtime/seal'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send, type Sending } from './testing/send.ts'

/**
 * Who may make each call of the staff, written down here apart from the contract: the least role, and whether it takes a
 * fresh proof. A call that is added must be added here, by whoever has thought about who may make it.
 */
const staffCalls: Readonly<Record<string, readonly ['support' | 'admin', 'read' | 'change']>> = {
  'GET /v1/admin/accounts': ['support', 'read'],
  'GET /v1/admin/accounts/{id}': ['support', 'read'],
  'PATCH /v1/admin/accounts/{id}': ['support', 'change'],
  'POST /v1/admin/accounts/{id}/lockdowns': ['support', 'change'],
  'POST /v1/admin/accounts/{id}/password-resets': ['support', 'change'],
  'DELETE /v1/admin/accounts/{id}/sessions': ['support', 'change'],
  'GET /v1/admin/lockdowns/{id}/report': ['support', 'read'],
  'GET /v1/admin/clients': ['admin', 'read'],
  'POST /v1/admin/clients': ['admin', 'change'],
  'PATCH /v1/admin/clients/{id}': ['admin', 'change'],
  'DELETE /v1/admin/clients/{id}': ['admin', 'change'],
  'GET /v1/admin/webhooks': ['admin', 'read'],
  'POST /v1/admin/webhooks': ['admin', 'change'],
  'PATCH /v1/admin/webhooks/{id}': ['admin', 'change'],
  'DELETE /v1/admin/webhooks/{id}': ['admin', 'change'],
  'POST /v1/admin/webhooks/{id}/secret': ['admin', 'change'],
  'POST /v1/admin/webhooks/{id}/test': ['admin', 'change'],
  'GET /v1/admin/webhooks/{id}/deliveries': ['admin', 'read'],
  'POST /v1/admin/webhooks/deliveries/{id}/replay': ['admin', 'change'],
  'POST /v1/admin/webhooks/{id}/replay': ['admin', 'change'],
  'GET /v1/admin/sweeps': ['admin', 'read'],
  'POST /v1/admin/sweeps': ['admin', 'change'],
  'POST /v1/admin/revocations': ['admin', 'change'],
  'GET /v1/admin/revocations': ['admin', 'read'],
  'GET /v1/admin/revocations/{id}': ['admin', 'read'],
  'GET /v1/admin/revocations/{id}/targets': ['admin', 'read'],
  'GET /v1/admin/revocations/{id}/report': ['admin', 'read'],
  'POST /v1/admin/revocations/{id}/approval': ['admin', 'change'],
  'POST /v1/admin/revocations/{id}/start': ['admin', 'change'],
  'POST /v1/admin/revocations/{id}/pause': ['admin', 'change'],
  'POST /v1/admin/revocations/{id}/resume': ['admin', 'change'],
  'POST /v1/admin/revocations/{id}/cancel': ['admin', 'change'],
  'POST /v1/admin/revocations/{id}/undo': ['admin', 'change'],
  'GET /v1/admin/audit-events': ['admin', 'read'],
  'GET /v1/admin/audit-events/export': ['admin', 'change'],
  'GET /v1/admin/audit-seals': ['admin', 'read'],
  'GET /v1/admin/jobs': ['admin', 'read'],
  'GET /v1/admin/queues': ['admin', 'read'],
  'POST /v1/admin/jobs/replay': ['admin', 'change'],
  'POST /v1/admin/jobs/{id}/replay': ['admin', 'change'],
  'POST /v1/admin/jobs/{id}/discard': ['admin', 'change'],
  'POST /v1/admin/queues/{name}/pause': ['admin', 'change'],
  'POST /v1/admin/queues/{name}/resume': ['admin', 'change'],
}
/** Calls that anybody makes: what they bring besides is a token, a signature, or nothing at all. */
const openCalls: readonly string[] = [
  'GET /.well-known/jwks.json',
  'GET /.well-known/portcullis-audit-keys',
  'GET /.well-known/ssf-configuration',
  'POST /v1/account-closings/cancellations',
  'POST /v1/account/lockdowns/{id}/recovery',
  'POST /v1/accounts',
  'POST /v1/email-changes/confirmations',
  'POST /v1/email-changes/reversions',
  'POST /v1/email-verifications',
  'POST /v1/leaked-credentials/github',
  'POST /v1/lockdown-links',
  'POST /v1/password-resets',
  'POST /v1/password-resets/completions',
  'POST /v1/sessions',
  'POST /v1/sessions/two-factor',
]
/** Calls under `/v1/admin` that a member makes, with what stands in for the role. */
const byToken = 'POST /v1/admin/bootstrap'

const calls: readonly Endpoint[] = Object.values(endpoints)
const keyOf = ({ method, path }: Endpoint) => `${method} ${path}`
const ofStaff = calls.filter((call) => call.path.startsWith('/v1/admin/') && keyOf(call) !== byToken)
const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' })
const store = useDatabase()
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] })
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database, { sealer })
})
afterAll(() => gateway.close())

/** One credential of each kind, each of an account of its own; all that were issued are good but for what their name says. */
const credentials = {
  none: async (): Promise<Sending> => ({}),
  member: () => session('member'),
  'member without second factor': () => session('member', { secondFactor: false }),
  'member without fresh proof': () => session('member', { proved: false }),
  support: () => session('support'),
  'support without second factor': () => session('support', { secondFactor: false }),
  'support without fresh proof': () => session('support', { proved: false }),
  admin: () => session('admin'),
  'admin without second factor': () => session('admin', { secondFactor: false }),
  'admin without fresh proof': () => session('admin', { proved: false }),
  'admin by cookie': () => session('admin', { cookie: true }),
  'disabled admin': () => session('admin', { state: 'disabled' }),
  'locked admin': () => session('admin', { state: 'locked' }),
  'API key of an admin with every scope': apiKey,
  'client with every scope': client,
  'token of a rental': rental,
  'watch token': async (): Promise<Sending> => ({ token: `pcw_${'a'.repeat(43)}` }),
} as const
type Who = keyof typeof credentials
const everybody = Object.keys(credentials) as readonly Who[]

describe('a call of the staff', () => {
  it('is one of those that were thought about, and none of these is missing', () => {
    expect(ofStaff.map(keyOf).toSorted()).toEqual(Object.keys(staffCalls).toSorted())
  })

  it.each(ofStaff.map((call) => [keyOf(call), call] as const))(
    '%s is opened by its role, second factor and proof, and nothing else',
    async (key, call) => {
      const [least, kind] = staffCalls[key] ?? ['nobody', 'change']
      await expectEach(call, (who) => {
        if (/^(none|disabled|locked|token|watch)/.test(who)) return 'credential_required'
        if (/^(API key|client)/.test(who)) return 'scope_missing'
        const isStaff = who.startsWith('admin') || (who.startsWith('support') && least === 'support')
        if (!isStaff) return 'not_allowed'
        if (who.endsWith('without second factor')) return 'second_factor_required'
        return who.endsWith('without fresh proof') && kind === 'change' ? 'reauthentication_required' : 'opened'
      })
    },
  )
})

describe('a call of anybody else', () => {
  const others = calls.filter((call) => call.access && !ofStaff.includes(call))

  it.each(others.map((call) => [keyOf(call), call] as const))(
    '%s gains nothing by a role, and is opened by its own kind of credential',
    async (_key, call) => {
      await expectEach(call, (who) => expectedElsewhere(call, who))
    },
  )

  it('is none but those that need no credential at all, by intention', () => {
    expect(
      calls
        .filter(({ access }) => !access)
        .map(keyOf)
        .toSorted(),
    ).toEqual([...openCalls].toSorted())
  })
})

/** What each kind of living credential meets at a call of each kind; what the role of a session is makes no difference. */
const elsewhere = {
  session: { session: 'opened', key: 'scope_missing', client: 'scope_missing' },
  client: { session: 'scope_missing', key: 'scope_missing', client: 'opened' },
  watcher: { session: 'opened', key: 'scope_missing', client: 'opened', watch: 'opened' },
  rental: { rental: 'opened' },
} as const satisfies Record<string, Partial<Record<'session' | 'key' | 'client' | 'watch' | 'rental', string>>>

function expectedElsewhere(call: Endpoint, who: Who): string {
  const { access } = call
  if (!access || /^(none|disabled|locked)/.test(who)) return 'credential_required'
  const column = /^(member|support|admin)/.test(who)
    ? 'session'
    : /key|client|watch|rental/i.exec(who)?.[0].toLowerCase()
  const met: string =
    new Map<unknown, string>(Object.entries(elsewhere[access.kind])).get(column) ?? 'credential_required'
  if (access.kind !== 'session') return met
  if (column === 'key' && access.apiKeyScope !== undefined) return 'opened'
  // The one who is to become the first admin has enrolled before.
  if (keyOf(call) === byToken && who.endsWith('without second factor')) return 'second_factor_required'
  return access.proof && who.endsWith('without fresh proof') ? 'reauthentication_required' : met
}

/** How a call met a credential: the refusal of the gate, or that it was opened, whatever the call then made of its example. */
const gateCodes = new Set([
  'credential_required',
  'scope_missing',
  'not_allowed',
  'second_factor_required',
  'reauthentication_required',
])

async function expectEach(call: Endpoint, expected: (who: Who) => string): Promise<void> {
  const met = await Promise.all(
    everybody.map(async (who): Promise<[Who, string]> => {
      const answer = await ask(call, await credentials[who]())
      return [who, call.media === undefined ? meeting(answer) : bareMeeting(answer, expected(who))]
    }),
  )
  expect(Object.fromEntries(met)).toEqual(Object.fromEntries(everybody.map((who) => [who, expected(who)])))
}

function meeting({ status, body }: Called): string {
  const code = String(body?.code)
  if (gateCodes.has(code)) return code
  return status === 401 || status >= 500 ? `${status} ${code}` : 'opened'
}

/** What is read by a program has empty refusals: only the status tells. */
function bareMeeting({ status }: Called, expected: string): string {
  const shut = status === 401 ? 'credential_required' : status === 403 ? expected : 'opened'
  return status === 403 && expected === 'opened' ? '403' : shut
}

/** Where the example would be refused to some by its content. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /v1/admin/accounts/{id}': { state: 'disabled', reason: 'Ticket 4711: asked by phone' },
}

async function ask(call: Endpoint, sending: Sending): Promise<Called> {
  const { method, path, bodyType } = call
  const operation = document.paths[path]?.[method.toLowerCase()]
  const example = bodies[keyOf(call)] ?? Object.values(operation?.requestBody?.content ?? {})[0]?.example
  const parameters = operation?.parameters.flatMap((one) => ('in' in one ? [one] : [])) ?? []
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    String(parameters.find((one) => one.in === 'path' && one.name === name)?.schema.examples?.[0]),
  )
  const wanted = parameters.filter((one) => one.in === 'query' && one.required)
  const query = new URLSearchParams(
    wanted.map((one): [string, string] => [one.name, String(one.schema.examples?.[0])]),
  ).toString()
  const type = bodyType === 'form' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  const headers = { ...type, ...sending.headers }
  const body = call.body ? { body: example } : {}
  return send(gateway, method, query === '' ? filled : `${filled}?${query}`, { ...sending, ...body, headers })
}

async function session(
  role: 'member' | 'support' | 'admin',
  { secondFactor = true, proved = true, cookie = false, state = 'active' } = {},
): Promise<Sending> {
  const owner = await makeOwner(store.database)
  const { sql } = store.database
  await sql`update accounts set role = ${role}, state = ${state} where id = ${owner.id}`
  await sql`
    insert into totp_factors (account_id, secret_sealed, confirmed_at, last_step) values (${owner.id}, ${sealSecret(sealer, owner.id, randomBytesOf(20))}, now(), 0)`
  await sql`
    update sessions set second_factor = ${secondFactor},
      proved_at = case when ${proved}::boolean then now() else now() - interval '601 seconds' end
    where id = ${owner.sessionId}`
  if (!cookie) return { token: owner.token }
  return { headers: { cookie: `__Host-portcullis=${owner.token}`, 'sec-fetch-site': 'same-origin' } }
}

async function apiKey(): Promise<Sending> {
  const owner: MadeOwner = await makeOwner(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${owner.id}`
  const { key, hash: keyHash, prefix, last4 } = newApiKey('live')
  const scopes = [...Object.keys(builtInScopes), 'product:any']
  const row = { id: newId('apiKey'), accountId: owner.id, name: 'x', prefix, last4, keyHash, scopes, expiresAt: null }
  await inTransaction(store.database, (tx) => insertApiKey(tx, row))
  return { token: key }
}

async function client(): Promise<Sending> {
  const [first, ...rest] = Object.keys(clientScopes) as ClientScope[]
  if (first === undefined) throw new Error('there are scopes')
  return { token: (await createApiClient(store.database, { name: 'Shop', scopes: [first, ...rest] })).secret }
}

async function rental(): Promise<Sending> {
  const [id, owner, { token = '' }] = [`srv-${newUuid()}`, await makeOwner(store.database), await client()]
  const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
  return { token: (await send(gateway, 'PUT', `/v1/rentals/${id}`, { token, body })).body.rentalToken }
}
