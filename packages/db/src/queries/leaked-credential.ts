import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { hexOf } from './hex.ts'

/** A credential of the house, alive or not, that one of the hashes belongs to. */
export type KnownCredential =
  | { readonly kind: 'api_key'; readonly id: Id<'apiKey'>; readonly accountId: Id<'account'> }
  | { readonly kind: 'session'; readonly id: Id<'session'>; readonly accountId: Id<'account'> }
  | { readonly kind: 'client'; readonly id: Id<'apiClient'>; readonly accountId: null }

/**
 * Finds the credentials of these hashes, whatever became of them, in their order; `undefined` where there is none. Uses
 * `api_keys_key_hash`, `sessions_token_hash`, `api_clients_secret_hash`.
 */
export async function listKnownCredentials(
  queries: Queries,
  hashes: readonly Uint8Array[],
): Promise<(KnownCredential | undefined)[]> {
  const hex = hashes.map(hexOf)
  const rows = await queries.sql<(KnownCredential & { place: string })[]>`
    with presented as materialized (
      select decode(hash, 'hex') as hash, place from unnest(${hex}::text[]) with ordinality as one (hash, place)
    )
    select presented.place, 'api_key' as kind, api_key.id, api_key.account_id as "accountId"
    from presented join api_keys as api_key on api_key.key_hash = presented.hash
    union all
    select presented.place, 'session', session.id, session.account_id
    from presented join sessions as session on session.token_hash = presented.hash
    union all
    select presented.place, 'client', client.id, null
    from presented join api_clients as client on client.secret_hash = presented.hash`
  const found = Array.from<KnownCredential | undefined>({ length: hashes.length })
  for (const { place, ...credential } of rows) found[Number(place) - 1] = credential
  return found
}

/** Locks a client, and tells whether its secret opens anything and whether this was reported within the last day. */
export async function lockLeakedClient(
  tx: Tx,
  id: Id<'apiClient'>,
  action: string,
): Promise<{ readonly alive: boolean; readonly reported: boolean } | undefined> {
  await tx.sql`select id from api_clients where id = ${id} for no key update`
  // A statement of its own: it must see what was recorded while the lock was waited for.
  const [row] = await tx.sql<{ alive: boolean; reported: boolean }[]>`
    select client.revoked_at is null as alive, exists (
      select from audit_events as event
      where event.action = ${action} and event.occurred_at > now() - interval '1 day' and event.subject_id = client.id
    ) as reported
    from api_clients as client where client.id = ${id}`
  return row
}

/** Revokes a client; `false` for one that is not there, or was. */
export async function revokeLeakedClient(tx: Tx, id: Id<'apiClient'>): Promise<boolean> {
  const rows = await tx.sql`
    update api_clients set revoked_at = now() where id = ${id} and revoked_at is null returning id`
  return rows.length === 1
}

/**
 * Marks what a bulk revocation had ended already as leaked, so that undoing that job does not bring it back; `false` where
 * no job could. The account must be locked by this transaction.
 */
export async function updateLeakedForGood(tx: Tx, kind: 'api_key' | 'session', id: string): Promise<boolean> {
  const rows = await tx.sql`
    update ${tx.sql(kind === 'api_key' ? 'api_keys' : 'sessions')} set revoked_because = 'leaked', revoked_by = null
    where id = ${id} and revoked_by is not null returning id`
  return rows.length === 1
}
