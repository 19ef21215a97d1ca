import type { Tx } from '../transaction.ts'

/** Deletes up to `most` API keys that were revoked or expired longer ago than `days`. Uses `api_keys_over`. */
export async function deleteOverApiKeys(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from api_keys where ctid = any(array(
      select ctid from api_keys where least(revoked_at, expires_at) < now() - ${days} * interval '1 day'
      order by least(revoked_at, expires_at) limit ${most} for update skip locked
    ))`
  return count
}

/** Deletes up to `most` second factors that were begun longer ago than `days` and never confirmed. Uses `totp_factors_pending`. */
export async function deletePendingFactors(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from totp_factors where ctid = any(array(
      select ctid from totp_factors where confirmed_at is null and created_at < now() - ${days} * interval '1 day'
      order by created_at limit ${most} for update skip locked
    ))`
  return count
}

/**
 * Deletes up to `most` rentals that ended longer ago than `days`, and what was on those servers. Uses `rentals_ended`,
 * and for what goes with them the key of `rental_keys`.
 */
export async function deleteEndedRentals(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from rentals where ctid = any(array(
      select ctid from rentals where ended_at is not null and ended_at < now() - ${days} * interval '1 day'
      order by ended_at limit ${most} for update skip locked
    ))`
  return count
}
