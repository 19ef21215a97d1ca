import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { isWithinFences } from './fence.ts'

/** A public key to be added. */
export interface NewSshKey {
  readonly id: Id<'sshKey'>
  readonly accountId: Id<'account'>
  readonly name: string
  readonly type: string
  /** `type base64`, as the parser wrote it. */
  readonly canonical: string
  /** SHA-256 of the key blob: 32 bytes. */
  readonly fingerprint: Uint8Array
}

/** A key as its owner may see it. */
export interface SshKeyRow {
  readonly id: Id<'sshKey'>
  readonly name: string
  readonly type: string
  readonly canonical: string
  readonly fingerprint: Uint8Array
  readonly createdAt: Date
}

/** How a key stands on the rented servers of its owner. Servers that were given back do not count. */
export interface SshKeyDeployment {
  readonly keyId: Id<'sshKey'>
  readonly rentalId: string
  readonly state: 'pending' | 'deployed' | 'withdrawn'
  readonly changedAt: Date
  /** When the host fetched its keys after that change; null while it has not. */
  readonly confirmedAt: Date | null
}

/** Why a key cannot be added, where it cannot. */
export type SshKeyHindrance = 'already_there' | 'limit_reached'

/** Keys active at a time, per account; the database has as many slots. */
export const sshKeysMost = 3
/** Keys that one account may ever have had: what bounds its revocation list. */
export const sshKeysEverMost = 5000

/**
 * Adds a key in a free slot, under the present epochs. The account must be locked by this transaction; the unique
 * indexes hold without that, too. Keys that a fence has voided hold no slot only once they are revoked: see
 * `revokeVoidSshKeys`.
 */
export async function insertSshKey(tx: Tx, key: NewSshKey): Promise<SshKeyRow | SshKeyHindrance> {
  const [found] = await tx.sql<{ same: boolean; active: number; ever: number }[]>`
    select coalesce(bool_or(revoked_at is null and fingerprint = ${key.fingerprint}), false) as same,
      count(*) filter (where revoked_at is null)::int as active, count(*)::int as ever
    from ssh_keys where account_id = ${key.accountId}`
  if (found?.same) return 'already_there'
  if (!found || found.active >= sshKeysMost || found.ever >= sshKeysEverMost) return 'limit_reached'
  const [row] = await tx.sql<SshKeyRow[]>`
    insert into ssh_keys as ssh_key (id, account_id, slot, name, type, canonical, fingerprint, epoch, global_epoch)
    select ${key.id}, account.id, free.slot, ${key.name}, ${key.type}, ${key.canonical}, ${key.fingerprint},
      account.security_epoch, coalesce((select epoch from fences), 1)
    from accounts as account, lateral (
      select slot from generate_series(1, ${sshKeysMost}::int) as slot
      where not exists (
        select from ssh_keys as held where held.account_id = account.id and held.slot = slot.slot and held.revoked_at is null
      ) order by slot limit 1
    ) as free
    where account.id = ${key.accountId}
    on conflict do nothing
    returning ${columns(tx)}`
  return row ?? 'limit_reached'
}

/** Lists the living keys of an account, the newest first: three at most. Uses `ssh_keys_account`. */
export async function listSshKeys(queries: Queries, accountId: Id<'account'>): Promise<SshKeyRow[]> {
  const rows = await queries.sql<SshKeyRow[]>`
    select ${columns(queries)} from ssh_keys as ssh_key join accounts as account on account.id = ssh_key.account_id
    where ssh_key.account_id = ${accountId} and ${isSshKeyAlive(queries)}
    order by ssh_key.id desc limit ${sshKeysMost}`
  return [...rows]
}

/** Reads one key of an account, living or not. */
export async function findSshKey(
  queries: Queries,
  accountId: Id<'account'>,
  id: Id<'sshKey'>,
): Promise<SshKeyRow | undefined> {
  const [row] = await queries.sql<SshKeyRow[]>`
    select ${columns(queries)} from ssh_keys as ssh_key where ssh_key.id = ${id} and ssh_key.account_id = ${accountId}`
  return row
}

/** Gives a living key another name; `undefined` for one that is not there, not theirs, or over. */
export async function updateSshKeyName(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'sshKey'>,
  name: string,
): Promise<SshKeyRow | undefined> {
  const [row] = await tx.sql<SshKeyRow[]>`
    update ssh_keys as ssh_key set name = ${name} from accounts as account
    where ssh_key.id = ${id} and ssh_key.account_id = ${accountId} and account.id = ssh_key.account_id and ${isSshKeyAlive(tx)}
    returning ${columns(tx)}`
  return row
}

/** Revokes a key of an account; `false` for one that is not there, not theirs, or revoked already. */
export async function revokeSshKey(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'sshKey'>,
  because: string,
): Promise<boolean> {
  const rows = await tx.sql`
    update ssh_keys set revoked_at = now(), revoked_because = ${because}
    where id = ${id} and account_id = ${accountId} and revoked_at is null returning id`
  return rows.length === 1
}

/** Revokes the keys of an account that a fence has voided, so that their slots are free; returns which. */
export async function revokeVoidSshKeys(tx: Tx, accountId: Id<'account'>): Promise<Id<'sshKey'>[]> {
  const rows = await tx.sql<{ id: Id<'sshKey'> }[]>`
    update ssh_keys as ssh_key set revoked_at = now(), revoked_because = 'fence' from accounts as account
    where ssh_key.account_id = ${accountId} and account.id = ssh_key.account_id and ssh_key.revoked_at is null
      and (ssh_key.epoch <> account.security_epoch or ssh_key.global_epoch < coalesce((select epoch from fences), 1))
    returning ssh_key.id`
  return rows.map((row) => row.id)
}

/** Puts a key on every server that its owner rents, pending; returns how many. The account must be locked. */
export async function insertKeyOnRentals(tx: Tx, accountId: Id<'account'>, id: Id<'sshKey'>): Promise<number> {
  const rows = await tx.sql`
    insert into rental_keys (rental_id, ssh_key_id)
    select rental.id, ${id} from rentals as rental where rental.account_id = ${accountId} and rental.ended_at is null
    on conflict do nothing returning rental_id`
  return rows.length
}

/** Withdraws keys from every server that they are on; returns from how many. Uses `rental_keys_key`. */
export async function withdrawKeys(tx: Tx, ids: readonly Id<'sshKey'>[]): Promise<number> {
  const rows = await tx.sql`
    update rental_keys set state = 'withdrawn', changed_at = now(), confirmed_at = null
    where ssh_key_id = any(${[...ids]}::uuid[]) and state <> 'withdrawn' returning rental_id`
  return rows.length
}

/** Lists how keys stand on servers that are still rented, the latest change first, up to `most`. Uses `rental_keys_key`. */
export async function listSshKeyDeployments(
  queries: Queries,
  ids: readonly Id<'sshKey'>[],
  most: number,
): Promise<SshKeyDeployment[]> {
  const rows = await queries.sql<SshKeyDeployment[]>`
    select on_rental.ssh_key_id as "keyId", on_rental.rental_id as "rentalId", on_rental.state,
      on_rental.changed_at as "changedAt", on_rental.confirmed_at as "confirmedAt"
    from unnest(${[...ids]}::uuid[]) as asked (id)
    cross join lateral (
      select rental_key.* from rental_keys as rental_key join rentals as rental on rental.id = rental_key.rental_id
      where rental_key.ssh_key_id = asked.id and rental.ended_at is null
      order by rental_key.changed_at desc, rental_key.rental_id limit ${most}
    ) as on_rental`
  return [...rows]
}

/** What the revocation list of one account says, and what it is told apart by. */
export interface RevokedSshKeys {
  /** SHA-256 digests, sorted, each once: every key that the account had and that does not live now. */
  readonly fingerprints: readonly Uint8Array[]
  /** Rises with every key added or revoked and every fence raised. */
  readonly version: number
  /** When a key was last added or revoked; null before the first. */
  readonly changedAt: Date | null
}

/**
 * Reads the keys of an account that must open nothing: revoked, void by a fence, or of an account that is not active. A
 * key that was added anew lives, and is not among them. At most `sshKeysEverMost`. Uses `ssh_keys_account`.
 */
export async function listRevokedSshKeys(queries: Queries, accountId: Id<'account'>): Promise<RevokedSshKeys> {
  const rows = await queries.sql<{ fingerprint: Uint8Array; alive: boolean; version: number; changedAt: Date }[]>`
    select ssh_key.fingerprint, bool_or(${isSshKeyAlive(queries)}) as alive,
      (sum(count(*) + count(ssh_key.revoked_at)) over () + max(account.security_epoch)
        + coalesce((select epoch from fences), 1))::int as version,
      max(greatest(max(ssh_key.created_at), max(ssh_key.revoked_at))) over () as "changedAt"
    from ssh_keys as ssh_key join accounts as account on account.id = ssh_key.account_id
    where ssh_key.account_id = ${accountId}
    group by ssh_key.fingerprint order by ssh_key.fingerprint limit ${sshKeysEverMost}`
  const dead = rows.filter((row) => !row.alive)
  return {
    fingerprints: dead.map((row) => row.fingerprint),
    version: rows[0]?.version ?? 0,
    changedAt: rows[0]?.changedAt ?? null,
  }
}

/** What makes an SSH key alive: the strictest of its own revocation, the account's state and both fences. Said once. */
export function isSshKeyAlive(queries: Queries) {
  return queries.sql`(ssh_key.revoked_at is null and ${isWithinFences(queries, 'ssh_key')})`
}

function columns(queries: Queries) {
  return queries.sql`
    ssh_key.id, ssh_key.name, ssh_key.type, ssh_key.canonical, ssh_key.fingerprint, ssh_key.created_at as "createdAt"`
}
