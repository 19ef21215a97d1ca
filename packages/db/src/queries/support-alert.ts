import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { LockdownTrigger } from './lockdown.ts'

/** A lockdown as support is told of it, and what of that was done already. */
export interface LockdownAlertRow {
  readonly accountId: Id<'account'>
  readonly trigger: LockdownTrigger
  readonly openedAt: Date
  /** By which channels it was told already. */
  readonly told: readonly string[]
}

/** Reads a lockdown for an alert. Uses `lockdowns_pkey`, `audit_events_account`. */
export async function findLockdownAlert(queries: Queries, id: Id<'lockdown'>): Promise<LockdownAlertRow | undefined> {
  const [row] = await queries.sql<LockdownAlertRow[]>`
    select lockdown.account_id as "accountId", lockdown.trigger, lockdown.opened_at as "openedAt",
      array(
        select event.details->>'channel' from audit_events as event
        where event.account_id = lockdown.account_id and event.occurred_at >= lockdown.opened_at
          and event.action in ('support_told', 'support_not_configured') and event.subject_id = lockdown.id limit 10
      ) as told
    from lockdowns as lockdown where lockdown.id = ${id}`
  return row
}

/** An endpoint that was given up, as support is told of it. */
export interface EndpointAlertRow {
  readonly state: 'active' | 'disabled'
  readonly disabledBecause: string | null
  readonly failingSince: Date | null
}

/** Reads an endpoint for an alert. Uses `webhook_endpoints_pkey`. */
export async function findEndpointAlert(
  queries: Queries,
  id: Id<'webhookEndpoint'>,
): Promise<EndpointAlertRow | undefined> {
  const [row] = await queries.sql<EndpointAlertRow[]>`
    select state, disabled_because as "disabledBecause", failing_since as "failingSince"
    from webhook_endpoints where id = ${id}`
  return row
}
