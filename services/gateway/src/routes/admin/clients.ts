import { Failure } from '@portcullis/contracts/errors'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { type ApiClientRow, findApiClient, listApiClients } from '@portcullis/db/queries/api-client'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import {
  changeClientAsAdmin,
  createClientAsAdmin,
  type IssuedClient,
  revokeClientAsAdmin,
} from '@portcullis/domain/admin/client'
import { once } from '@portcullis/domain/idempotency/once'
import { newId } from '@portcullis/runtime/id'
import type { AppDeps } from '../../app-deps.ts'
import type { Answer, Call, Routes } from '../../http/mount.ts'

const pageRows = 50

/** The calls of admins on API clients. */
export function adminClientRoutes(
  deps: AppDeps,
): Pick<Routes, 'listApiClients' | 'createApiClient' | 'changeApiClient' | 'revokeApiClient'> {
  const { database } = deps
  return {
    listApiClients: async ({ query }) => {
      const { limit = pageRows, cursor = null } = query
      // One more than asked for tells whether there is a next page.
      const rows = await withStore(database, (queries) => listApiClients(queries, cursor, limit + 1))
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      const nextCursor = rows.length > limit && last ? last.id.replaceAll('-', '') : null
      return { status: 200, body: { items: shown.map(showClient), nextCursor } }
    },
    createApiClient: async (call) => createOnce(deps, call),
    changeApiClient: async ({ session, caller, params, body }) => {
      const by = { session, caller }
      const changed = await inTransaction(database, (tx) => changeClientAsAdmin(tx, by, params.id, body))
      if (!changed) throw new Failure('not_found')
      return { status: 200, body: showClient(changed) }
    },
    revokeApiClient: async ({ session, caller, params, body }) => {
      const by = { session, caller }
      const revoked = await inTransaction(database, (tx) => revokeClientAsAdmin(tx, by, params.id, body.reason))
      if (!revoked) throw new Failure('not_found')
      return { status: 204 }
    },
  }
}

/** Makes a client, once for an `Idempotency-Key`: a repeat is answered without the secret, as only its hash is kept. */
async function createOnce(deps: AppDeps, call: Call<'createApiClient'>): Promise<Answer> {
  const { database, idempotencyKey: bodyKey } = deps
  const { session, caller, body, idempotencyKey: key } = call
  const id = newId('apiClient')
  const create = (tx: Tx) => createClientAsAdmin(tx, { session, caller }, id, body)
  if (key === undefined) return answer(await inTransaction(database, create))
  let issued: IssuedClient | undefined
  const scope = session.accountId
  const said = JSON.stringify(body)
  const keyed = { route: 'createApiClient', scope, key, body: said, bodyKey, status: 201, answer: { id } }
  const result = await once(database, keyed, async (tx) => {
    issued = await create(tx)
  })
  if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
  if (result.kind === 'repeated') return repeat(deps, result.answer)
  if (!issued) throw new Error('the work of a new key was not done')
  return answer(issued)
}

async function repeat({ database }: AppDeps, stored: unknown): Promise<Answer> {
  // Guarantee: `createOnce` has stored it, under a route and scope that nobody else uses.
  const { id } = stored as { readonly id: Id<'apiClient'> }
  const client = await withStore(database, (queries) => findApiClient(queries, id))
  if (!client) throw new Failure('not_found')
  return { status: 201, body: showClient(client) }
}

function answer({ client, secret }: IssuedClient): Answer {
  return { status: 201, body: { ...showClient(client), secret } }
}

function showClient({ id, name, scopes, createdAt, revokedAt }: ApiClientRow): Record<string, unknown> {
  return {
    id: formatId('apiClient', id),
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  }
}
