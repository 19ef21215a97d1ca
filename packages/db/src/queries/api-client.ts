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
