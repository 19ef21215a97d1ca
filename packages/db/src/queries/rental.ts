import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { isSshKeyAlive, type SshKeyDeployment } from './ssh-key.ts'

/** A server that an account rents. */
export interface RentalRow {
  /** The product's own name of it. */
  readonly id: string
  readonly accountId: Id<'account'>
  readonly host: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

/** A server whose token was shown, and what its renter is. */
export interface LivingRental {
  readonly id: string
  readonly accountId: Id<'account'>
  readonly accountState: 'active' | 'locked' | 'disabled'
}

/** Makes a rental; `false` where its id is taken, also by one that was given back. The account must be locked. */
export async function insertRental(
  tx: Tx,
  rental: Pick<RentalRow, 'id' | 'accountId' | 'host'> & { readonly tokenHash: Uint8Array },
): Promise<boolean> {
  const rows = await tx.sql`
    insert into rentals (id, account_id, host, token_hash)
    values (${rental.id}, ${rental.accountId}, ${rental.host}, ${rental.tokenHash})
    on conflict (id) do nothing returning id`
  return rows.length === 1
}

/** Reads a rental by the product's name of it, given back or not. */
export async function findRental(queries: Queries, id: string): Promise<RentalRow | undefined> {
  const [row] = await queries.sql<RentalRow[]>`
    select id, account_id as "accountId", host, created_at as "createdAt", ended_at as "endedAt"
    from rentals where id = ${id}`
  return row
}

/** A rented server as staff see it. */
export interface RentedServer extends Pick<RentalRow, 'id' | 'host' | 'createdAt'> {
  readonly lastFetchedAt: Date | null
}

/** Lists the servers that an account rents now, the newest first. Uses `rentals_account`. */
export async function listRentedServers(
  queries: Queries,
  accountId: Id<'account'>,
  most: number,
): Promise<RentedServer[]> {
  const rows = await queries.sql<RentedServer[]>`
    select id, host, created_at as "createdAt", last_fetched_at as "lastFetchedAt" from rentals
    where account_id = ${accountId} and ended_at is null order by created_at desc, id limit ${most}`
  return [...rows]
}

/** Writes down that a rented server has another address. */
export async function updateRentalHost(tx: Tx, id: string, host: string): Promise<void> {
  await tx.sql`update rentals set host = ${host} where id = ${id} and ended_at is null`
}

/** Gives a rental back: its token opens nothing from the commit on; `false` for one that is over. */
export async function updateRentalEnded(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.sql`update rentals set ended_at = now() where id = ${id} and ended_at is null returning id`
  return rows.length === 1
}

/** Puts every living key of its renter on a rental, pending; returns how many. The account must be locked. */
export async function insertKeysOnRental(tx: Tx, rental: Pick<RentalRow, 'id' | 'accountId'>): Promise<number> {
  const rows = await tx.sql`
    insert into rental_keys (rental_id, ssh_key_id)
    select ${rental.id}, ssh_key.id from ssh_keys as ssh_key join accounts as account on account.id = ssh_key.account_id
    where ssh_key.account_id = ${rental.accountId} and ${isSshKeyAlive(tx)}
    on conflict do nothing returning ssh_key_id`
  return rows.length
}

/** Withdraws every key from a rental; returns how many. */
export async function withdrawRentalKeys(tx: Tx, rentalId: string): Promise<number> {
  const rows = await tx.sql`
    update rental_keys set state = 'withdrawn', changed_at = now(), confirmed_at = null
    where rental_id = ${rentalId} and state <> 'withdrawn' returning ssh_key_id`
  return rows.length
}

/** Finds the rental that a token opens now; none where it was given back. Uses `rentals_token_hash`. */
export async function findLivingRental(queries: Queries, tokenHash: Uint8Array): Promise<LivingRental | undefined> {
  const [row] = await queries.sql<LivingRental[]>`
    select rental.id, rental.account_id as "accountId", account.state as "accountState"
    from rentals as rental join accounts as account on account.id = rental.account_id
    where rental.token_hash = ${tokenHash} and rental.ended_at is null`
  return row
}

/** A key as it stands on one rental, and whether it lives. */
export interface RentalKey extends Omit<SshKeyDeployment, 'rentalId'> {
  readonly canonical: string
  /** Judged at this moment: own revocation, state of the account, both fences. */
  readonly alive: boolean
}

/** Keys told of one rental: the living and the latest withdrawn. */
const rentalKeysMost = 20

/** Lists the keys of a rental as they stand at one moment: the unconfirmed first, then the latest changes; 20 at most. */
export async function listRentalKeys(queries: Queries, rentalId: string): Promise<RentalKey[]> {
  const rows = await queries.sql<RentalKey[]>`
    select ssh_key.id as "keyId", ssh_key.canonical, ${isSshKeyAlive(queries)} as alive, rental_key.state,
      rental_key.changed_at as "changedAt", rental_key.confirmed_at as "confirmedAt"
    from rental_keys as rental_key
    join rentals as rental on rental.id = rental_key.rental_id
    join ssh_keys as ssh_key on ssh_key.id = rental_key.ssh_key_id
    join accounts as account on account.id = ssh_key.account_id
    where rental_key.rental_id = ${rentalId} and rental.ended_at is null and ssh_key.account_id = rental.account_id
    order by rental_key.state = 'withdrawn', rental_key.confirmed_at nulls first, rental_key.changed_at desc, ssh_key.id
    limit ${rentalKeysMost}`
  return [...rows]
}

/**
 * Writes down that a host was given exactly these keys, where they are pending still, and was not given those, where
 * they are withdrawn; returns what that changed. The rental's row is locked first: two fetches do not meet.
 */
export async function updateRentalKeysFetched(
  tx: Tx,
  rentalId: string,
  fetched: { readonly given: readonly Id<'sshKey'>[]; readonly gone: readonly Id<'sshKey'>[] },
): Promise<{ readonly deployed: Id<'sshKey'>[]; readonly confirmed: Id<'sshKey'>[] }> {
  await tx.sql`update rentals set last_fetched_at = now() where id = ${rentalId}`
  const deployed = await tx.sql<{ id: Id<'sshKey'> }[]>`
    update rental_keys set state = 'deployed', changed_at = now(), confirmed_at = now()
    where rental_id = ${rentalId} and ssh_key_id = any(${[...fetched.given]}::uuid[]) and state = 'pending'
    returning ssh_key_id as id`
  const confirmed = await tx.sql<{ id: Id<'sshKey'> }[]>`
    update rental_keys set confirmed_at = now()
    where rental_id = ${rentalId} and ssh_key_id = any(${[...fetched.gone]}::uuid[]) and state = 'withdrawn'
      and confirmed_at is null
    returning ssh_key_id as id`
  return { deployed: deployed.map(({ id }) => id), confirmed: confirmed.map(({ id }) => id) }
}

/** Notes that a host asked, at most once a minute; one who writes at the same moment is not waited for. */
export async function touchRental(queries: Queries, rentalId: string): Promise<void> {
  await queries.sql`
    with stale as (
      select id from rentals
      where id = ${rentalId} and (last_fetched_at is null or last_fetched_at < now() - interval '1 minute')
      for no key update skip locked
    )
    update rentals set last_fetched_at = now() from stale where rentals.id = stale.id`
}
