import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Finds the device that carries a token and has logged in to the account of this address before. */
export async function findKnownDevice(
  queries: Queries,
  emailKey: string,
  tokenHash: Uint8Array,
): Promise<string | undefined> {
  const [row] = await queries.sql<{ id: string }[]>`
    select device.id from accounts as account join known_devices as device on device.account_id = account.id
    where account.email_key = ${emailKey} and device.token_hash = ${tokenHash}`
  return row?.id
}

/** Remembers a device, or notes that it was here again. */
export async function upsertKnownDevice(
  tx: Tx,
  id: string,
  accountId: Id<'account'>,
  tokenHash: Uint8Array,
): Promise<void> {
  await tx.sql`
    insert into known_devices (id, account_id, token_hash) values (${id}, ${accountId}, ${tokenHash})
    on conflict (account_id, token_hash) do update set last_seen_at = now()`
}

/** Forgets every device of an account. Uses `known_devices_token`. */
export async function deleteKnownDevices(tx: Tx, accountId: Id<'account'>): Promise<void> {
  await tx.sql`delete from known_devices where account_id = ${accountId}`
}

/** Forgets up to `most` devices that were not seen for `days`. Uses `known_devices_last_seen_at`. */
export async function deleteOldKnownDevices(tx: Tx, days: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from known_devices where last_seen_at < now() - ${days} * interval '1 day'
      order by last_seen_at limit ${most} for update skip locked
    )
    delete from known_devices using old where known_devices.id = old.id returning known_devices.id`
  return rows.length
}
