import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'

/** Deletes up to `most` entries of the login history that are older than `days`. By the primary key: ids are in order of time. */
export async function deleteOldLogins(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from login_events where ctid = any(array(
      select ctid from login_events where id < ${oldestIdWithin(tx, days)}
      order by id limit ${most} for update skip locked
    ))`
  return count
}

/** Deletes up to `most` deliveries older than `days` that are over. Uses `webhook_deliveries_created_at`. */
export async function deleteOldDeliveries(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from webhook_deliveries where ctid = any(array(
      select ctid from webhook_deliveries
      where created_at < now() - ${days} * interval '1 day' and state <> 'pending'
      order by created_at limit ${most} for update skip locked
    ))`
  return count
}

/** Deletes up to `most` signals that were received longer ago than `days`. Uses `risk_signals_received_at`. */
export async function deleteOldSignals(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from risk_signals where ctid = any(array(
      select ctid from risk_signals where received_at < now() - ${days} * interval '1 day'
      order by received_at limit ${most} for update skip locked
    ))`
  return count
}

/**
 * Deletes up to `most` operations older than `days` whose subject has left: what is still there keeps its own. By the
 * primary keys.
 */
export async function deleteOldOperations(tx: Tx, days: number, most: number): Promise<number> {
  const { count } = await tx.sql`
    delete from operations where ctid = any(array(
      select operation.ctid from operations as operation
      where operation.id < ${oldestIdWithin(tx, days)} and operation.status not in ('running', 'paused')
        and not exists (select from lockdowns where lockdowns.id = operation.id)
        and not exists (select from bulk_revocations where bulk_revocations.id = operation.id)
        and not exists (select from account_exports where account_exports.id = operation.id)
      order by operation.id limit ${most} for update skip locked
    ))`
  return count
}
