import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { isWithinFences } from './fence.ts'
import { hexOf } from './hex.ts'

/** Active keys of one account at a time, and as many more in the overlap of their rotation. */
export const apiKeysMost = 3

/** A key to be made. */
export interface NewApiKeyRow {
  readonly id: Id<'apiKey'>
  readonly accountId: Id<'account'>
  readonly name: string
  readonly prefix: string
  readonly last4: string
  readonly keyHash: Uint8Array
  readonly scopes: readonly string[]
  /** Null: it does not expire. */
  readonly expiresAt: Date | null
}

/** A key as its owner may see it. Never the key nor its hash. */
export interface ApiKeyRow {
  readonly id: Id<'apiKey'>
  readonly name: string
  readonly prefix: string
  readonly last4: string
  readonly scopes: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly lastUsedNetwork: string | null
  readonly lastUsedCountry: string | null
  /** The key that takes its place, once it was rotated. */
  readonly rotatedTo: Id<'apiKey'> | null
}

/**
 * Makes a key under the present epochs, in the lowest free slot; `undefined` where all are taken. The account must be
 * locked by this transaction, and `releaseDeadSlots` have run in it. Should the lock be forgotten, the unique index
 * `api_keys_slot` throws: more than three there never are.
 */
export async function insertApiKey(tx: Tx, key: NewApiKeyRow): Promise<ApiKeyRow | undefined> {
  const [row] = await tx.sql<ApiKeyRow[]>`
    insert into api_keys as api_key
      (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch, global_epoch, expires_at)
    select ${key.id}, account.id, free.slot, ${key.name}, ${key.prefix}, ${key.last4}, ${key.keyHash},
      ${[...key.scopes]}::text[], account.security_epoch, coalesce((select epoch from fences), 1), ${key.expiresAt}
    from accounts as account cross join lateral (
      select possible.slot from generate_series(1, ${apiKeysMost}) as possible (slot)
      where not exists (
        select from api_keys as taken
        where taken.account_id = account.id and taken.slot = possible.slot and taken.revoked_at is null)
      order by possible.slot limit 1
    ) as free
    where account.id = ${key.accountId}
    returning ${columns(tx)}`
  return row
}

/** A key that held a slot though it was dead, and why. */
export interface DeadApiKey {
  readonly id: Id<'apiKey'>
  readonly because: 'expired' | 'fence'
}

/** Revokes the keys of an account that are dead and still hold a slot. The account must be locked by this transaction. */
export async function releaseDeadSlots(tx: Tx, accountId: Id<'account'>): Promise<DeadApiKey[]> {
  const rows = await tx.sql<DeadApiKey[]>`
    update api_keys as api_key set revoked_at = now(),
      revoked_because = case when api_key.expires_at <= now() then 'expired' else 'fence' end
    from accounts as account
    where account.id = ${accountId} and api_key.account_id = account.id and api_key.slot is not null
      and api_key.revoked_at is null and not (${isAlive(tx)})
    returning api_key.id, api_key.revoked_because as because`
  return [...rows]
}

/** Lists the living keys of an account, newest first: those in a slot, and those in an overlap. Uses `api_keys_account`. */
export async function listApiKeys(queries: Queries, accountId: Id<'account'>): Promise<ApiKeyRow[]> {
  const rows = await queries.sql<ApiKeyRow[]>`
    select ${columns(queries)} from api_keys as api_key join accounts as account on account.id = api_key.account_id
    where api_key.account_id = ${accountId} and ${isAlive(queries)}
    order by api_key.id desc limit ${2 * apiKeysMost}`
  return [...rows]
}

/** Reads a key of an account, alive or not. */
export async function findApiKey(
  queries: Queries,
  accountId: Id<'account'>,
  id: Id<'apiKey'>,
): Promise<ApiKeyRow | undefined> {
  const [row] = await queries.sql<ApiKeyRow[]>`
    select ${columns(queries)} from api_keys as api_key where id = ${id} and account_id = ${accountId}`
  return row
}

/** Reads a living key of an account for its rotation: `inOverlap` when it has a successor already. */
export async function findRotatableApiKey(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'apiKey'>,
): Promise<(ApiKeyRow & { readonly inOverlap: boolean; readonly lifetimeMs: number | null }) | undefined> {
  const [row] = await tx.sql<(ApiKeyRow & { inOverlap: boolean; lifetimeMs: number | null })[]>`
    select ${columns(tx)}, api_key.slot is null as "inOverlap",
      (extract(epoch from api_key.expires_at - api_key.created_at) * 1000)::float8 as "lifetimeMs"
    from api_keys as api_key join accounts as account on account.id = api_key.account_id
    where api_key.id = ${id} and api_key.account_id = ${accountId} and ${isAlive(tx)}`
  return row
}

/** Gives a key's slot to its successor: it lives on for so long at most, and no longer than it would have. */
export async function updateApiKeyRotated(
  tx: Tx,
  id: Id<'apiKey'>,
  rotatedTo: Id<'apiKey'>,
  overlapSeconds: number,
): Promise<void> {
  await tx.sql`
    update api_keys set slot = null, rotated_to = ${rotatedTo},
      expires_at = least(expires_at, now() + ${overlapSeconds} * interval '1 s')
    where id = ${id}`
}

/** Ends the overlaps that would have ended first, so that no more than three are under way; returns those that gave way. */
export async function evictOverlaps(tx: Tx, accountId: Id<'account'>): Promise<Id<'apiKey'>[]> {
  const rows = await tx.sql<{ id: Id<'apiKey'> }[]>`
    with surplus as (
      select api_key.id from api_keys as api_key join accounts as account on account.id = api_key.account_id
      where api_key.account_id = ${accountId} and api_key.slot is null and ${isAlive(tx)}
      order by api_key.expires_at desc, api_key.id desc offset ${apiKeysMost}
    )
    update api_keys set revoked_at = now(), revoked_because = 'evicted' from surplus where api_keys.id = surplus.id
    returning api_keys.id`
  return rows.map((row) => row.id)
}

/** Gives a living key another name; `undefined` for one that is not there, not theirs, or dead. */
export async function updateApiKeyName(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'apiKey'>,
  name: string,
): Promise<ApiKeyRow | undefined> {
  const [row] = await tx.sql<ApiKeyRow[]>`
    update api_keys as api_key set name = ${name} from accounts as account
    where api_key.id = ${id} and api_key.account_id = ${accountId} and account.id = api_key.account_id and ${isAlive(tx)}
    returning ${columns(tx)}`
  return row
}

/** Revokes a key of an account; `false` for one that is not there, not theirs, or revoked already. */
export async function revokeApiKey(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'apiKey'>,
  because: string,
): Promise<boolean> {
  const rows = await tx.sql`
    update api_keys set revoked_at = now(), revoked_because = ${because}
    where id = ${id} and account_id = ${accountId} and revoked_at is null returning id`
  return rows.length === 1
}

/** A key that opens something now. */
export interface LivingApiKey extends ApiKeyRow {
  readonly accountId: Id<'account'>
}

/** What is known of a key that somebody presented. */
export interface PresentedApiKey {
  /** Absent when it is dead. */
  readonly living: LivingApiKey | undefined
  readonly id: Id<'apiKey'>
  /** Whether its use is to be noted: the last note is older than 10 minutes, or from before it was revoked. */
  readonly unnoted: boolean
}

/**
 * Reads the keys of these hashes at this moment, in their order; `undefined` where there is none. The one statement behind
 * every check: own revocation and expiry, state of the account, its epoch and the house's, the strictest wins, all by the
 * store's clock.
 */
export async function listPresentedApiKeys(
  queries: Queries,
  keyHashes: readonly Uint8Array[],
): Promise<(PresentedApiKey | undefined)[]> {
  const rows = await queries.sql<(LivingApiKey & { place: string; alive: boolean; unnoted: boolean })[]>`
    select presented.place, ${columns(queries)}, api_key.account_id as "accountId", ${isAlive(queries)} as alive,
      ${isUnnoted(queries)} as unnoted
    from unnest(${keyHashes.map(hexOf)}::text[]) with ordinality as presented (hash, place)
    join api_keys as api_key on api_key.key_hash = decode(presented.hash, 'hex')
    join accounts as account on account.id = api_key.account_id`
  const found = Array.from<PresentedApiKey | undefined>({ length: keyHashes.length })
  for (const { place, alive, unnoted, ...key } of rows) {
    found[Number(place) - 1] = { id: key.id, living: alive ? key : undefined, unnoted }
  }
  return found
}

/** A use of a key. */
export interface ApiKeyUse {
  readonly id: Id<'apiKey'>
  /** /24 or /48; null where it is not known. */
  readonly network: string | null
  readonly country: string | null
}

/** A use that was noted. */
export interface NotedApiKeyUse {
  readonly id: Id<'apiKey'>
  readonly accountId: Id<'account'>
  /** Why it had been revoked: somebody tried it all the same. */
  readonly revokedBecause: string | null
}

/** Notes uses, each key at most once in 10 minutes, however many note it at once. Nobody is waited for. */
export async function updateApiKeysUsed(tx: Tx, uses: readonly ApiKeyUse[]): Promise<NotedApiKeyUse[]> {
  const rows = await tx.sql<NotedApiKeyUse[]>`
    with used as (
      select distinct on (id) id, network, country from unnest(
        ${uses.map((use) => use.id)}::uuid[], ${uses.map((use) => use.network)}::text[],
        ${uses.map((use) => use.country)}::text[]
      ) as use (id, network, country)
    ), unnoted as (
      select api_key.id from api_keys as api_key where api_key.id in (select id from used) and ${isUnnoted(tx)}
      order by api_key.id for no key update skip locked
    )
    update api_keys as api_key
    set last_used_at = now(), last_used_network = used.network, last_used_country = used.country
    from unnoted join used on used.id = unnoted.id where api_key.id = unnoted.id
    returning api_key.id, api_key.account_id as "accountId", api_key.revoked_because as "revokedBecause"`
  return [...rows]
}

/** Finds whose key it is, alive or not revoked at least. */
export async function findUnrevokedApiKey(
  queries: Queries,
  keyHash: Uint8Array,
): Promise<{ readonly id: Id<'apiKey'>; readonly accountId: Id<'account'> } | undefined> {
  const [row] = await queries.sql<{ id: Id<'apiKey'>; accountId: Id<'account'> }[]>`
    select id, account_id as "accountId" from api_keys where key_hash = ${keyHash} and revoked_at is null`
  return row
}

function columns(queries: Queries) {
  return queries.sql`
    api_key.id, api_key.name, api_key.prefix, api_key.last4, api_key.scopes, api_key.created_at as "createdAt",
    api_key.expires_at as "expiresAt", api_key.last_used_at as "lastUsedAt",
    api_key.last_used_network as "lastUsedNetwork", api_key.last_used_country as "lastUsedCountry",
    api_key.rotated_to as "rotatedTo"`
}

/** What makes a key alive. Said once. */
function isAlive(queries: Queries) {
  return queries.sql`
    (api_key.revoked_at is null and (api_key.expires_at is null or api_key.expires_at > now())
    and ${isWithinFences(queries, 'api_key')})`
}

/** Written at most once in 10 minutes; a first use after its revocation counts anew. */
function isUnnoted(queries: Queries) {
  return queries.sql`
    (api_key.last_used_at is null or api_key.last_used_at < now() - interval '10 minutes'
    or api_key.last_used_at < api_key.revoked_at)`
}
