import type { ClientScope } from '@portcullis/contracts/client-scope'
import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { hexOf } from './hex.ts'

/** A client to be made. */
export interface NewApiClientRow {
  readonly id: Id<'apiClient'>
  readonly name: string
  readonly secretHash: Uint8Array
  readonly scopes: readonly ClientScope[]
}

/** Makes an API client. */
export async function insertApiClient(tx: Tx, client: NewApiClientRow): Promise<void> {
  await tx.sql`
    insert into api_clients (id, name, secret_hash, scopes)
    values (${client.id}, ${client.name}, ${client.secretHash}, ${[...client.scopes]}::text[])`
}

/** Clients that are alive at a time, about: what makes a runaway script notice. Many made at once may pass it by a few. */
export const apiClientsMost = 200

/** A client as admins see it. Never its secret. */
export interface ApiClientRow {
  readonly id: Id<'apiClient'>
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

/** Counts the clients that are alive. */
export async function countLivingApiClients(queries: Queries): Promise<number> {
  const [row] = await queries.sql<{ count: number }[]>`
    select count(*)::int as count from api_clients where revoked_at is null`
  return row?.count ?? 0
}

/** Reads a client, alive or not. */
export async function findApiClient(queries: Queries, id: Id<'apiClient'>): Promise<ApiClientRow | undefined> {
  const [row] = await queries.sql<ApiClientRow[]>`select ${columns(queries)} from api_clients where id = ${id}`
  return row
}

/** Lists clients, newest first, from before an id; those that were revoked as well. */
export async function listApiClients(queries: Queries, before: string | null, most: number): Promise<ApiClientRow[]> {
  const rows = await queries.sql<ApiClientRow[]>`
    select ${columns(queries)} from api_clients
    where id < ${before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff'}::uuid order by id desc limit ${most}`
  return [...rows]
}

/** Changes a living client, what is absent stays; `undefined` for one that is not there or revoked. */
export async function updateApiClient(
  tx: Tx,
  id: Id<'apiClient'>,
  { name, scopes }: { readonly name?: string | undefined; readonly scopes?: readonly ClientScope[] | undefined },
): Promise<ApiClientRow | undefined> {
  const [row] = await tx.sql<ApiClientRow[]>`
    update api_clients set name = coalesce(${name ?? null}::text, name),
      scopes = coalesce(${scopes === undefined ? null : [...scopes]}::text[], scopes)
    where id = ${id} and revoked_at is null returning ${columns(tx)}`
  return row
}

/** Revokes a client; `false` for one that is not there or was revoked. */
export async function revokeApiClient(tx: Tx, id: Id<'apiClient'>): Promise<boolean> {
  const rows = await tx.sql`
    update api_clients set revoked_at = now() where id = ${id} and revoked_at is null returning id`
  return rows.length === 1
}

function columns(queries: Queries) {
  return queries.sql`id, name, scopes, created_at as "createdAt", revoked_at as "revokedAt"`
}

/** A client that a secret opens now. */
export interface LivingClient {
  readonly id: Id<'apiClient'>
  readonly name: string
  readonly scopes: readonly string[]
}

/** Reads the clients of these secrets at this moment, in the order of the hashes; `undefined` where there is none. */
export async function listLivingClients(
  queries: Queries,
  secretHashes: readonly Uint8Array[],
): Promise<(LivingClient | undefined)[]> {
  const rows = await queries.sql<(LivingClient & { place: string })[]>`
    select presented.place, client.id, client.name, client.scopes
    from unnest(${secretHashes.map(hexOf)}::text[]) with ordinality as presented (hash, place)
    join api_clients as client on client.secret_hash = decode(presented.hash, 'hex')
    where client.revoked_at is null`
  const found = Array.from<LivingClient | undefined>({ length: secretHashes.length })
  for (const { place, ...client } of rows) found[Number(place) - 1] = client
  return found
}
