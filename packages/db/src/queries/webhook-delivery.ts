import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { Actor } from './audit-event.ts'
import { insertDeliveryJobs } from './webhook-delivery-job.ts'

/** How a delivery stands. */
export type DeliveryState = 'pending' | 'delivered' | 'dead'

/** A delivery as admins see it. */
export interface WebhookDeliveryRow {
  readonly id: Id<'webhookDelivery'>
  readonly action: string | null
  readonly state: DeliveryState
  readonly attempts: number
  readonly lastStatus: number | null
  readonly lastErrorCode: string | null
  readonly createdAt: Date
  readonly nextAttemptAt: Date | null
  readonly deliveredAt: Date | null
}

/** A delivery that may be tried now, with all that an attempt is made of. */
export interface DueDelivery {
  readonly id: Id<'webhookDelivery'>
  readonly endpointId: Id<'webhookEndpoint'>
  readonly endpointState: 'active' | 'disabled'
  /** Its last attempt failed. */
  readonly endpointFailing: boolean
  readonly format: 'webhook' | 'security_event'
  readonly url: string
  readonly audience: string | null
  readonly secretSealed: string | null
  /** Null once its time is over. */
  readonly formerSecretSealed: string | null
  readonly authorizationSealed: string | null
  readonly attempts: number
  readonly lockdownId: Id<'lockdown'> | null
  readonly event: {
    readonly id: Id<'auditEvent'>
    readonly action: string
    readonly occurredAt: Date
    readonly accountId: Id<'account'> | null
    readonly actor: Actor
    readonly subjectKind: string
    readonly subjectId: string
    readonly requestId: string | null
    readonly details: Record<string, unknown>
  }
}

/** Reads and locks deliveries that are pending, with endpoint and event. One that is over, or whose event is gone, is missing. */
export async function listDueDeliveries(
  tx: Tx,
  ids: readonly Id<'webhookDelivery'>[],
): Promise<Map<Id<'webhookDelivery'>, DueDelivery>> {
  const rows = await tx.sql<(Omit<DueDelivery, 'event'> & Prefixed)[]>`
    select delivery.id, delivery.endpoint_id as "endpointId", delivery.attempts, delivery.lockdown_id as "lockdownId",
      endpoint.state as "endpointState", endpoint.failing_since is not null as "endpointFailing", endpoint.format, endpoint.url, endpoint.audience,
      endpoint.secret_sealed as "secretSealed", endpoint.authorization_sealed as "authorizationSealed",
      case when endpoint.former_secret_until > now() then endpoint.former_secret_sealed end as "formerSecretSealed",
      event.id as "eventId", event.action, event.occurred_at as "occurredAt", event.account_id as "accountId", event.actor,
      event.subject_kind as "subjectKind", event.subject_id as "subjectId",
      event.request_id as "requestId", event.details
    from unnest(${[...ids]}::uuid[]) as asked (id)
    join webhook_deliveries as delivery on delivery.id = asked.id
    join webhook_endpoints as endpoint on endpoint.id = delivery.endpoint_id
    join audit_events as event on event.id = delivery.audit_event_id
    where delivery.state = 'pending'
    for no key update of delivery`
  return new Map(
    rows.map(
      ({ eventId, action, occurredAt, accountId, actor, subjectKind, subjectId, requestId, details, ...delivery }) => {
        const event = { id: eventId, action, occurredAt, accountId, actor, subjectKind, subjectId, requestId, details }
        return [delivery.id, { ...delivery, event }]
      },
    ),
  )
}

type Prefixed = Omit<DueDelivery['event'], 'id'> & { readonly eventId: Id<'auditEvent'> }

/** Counts an attempt of each before it is made, so that a crash counts too. */
export async function countAttempts(tx: Tx, ids: readonly Id<'webhookDelivery'>[]): Promise<void> {
  if (ids.length === 0) return
  await tx.sql`
    update webhook_deliveries as delivery set attempts = delivery.attempts + 1, next_attempt_at = null
    from unnest(${[...ids]}::uuid[]) as asked (id) where delivery.id = asked.id`
}

/** What became of an attempt. */
export interface DeliveryResult {
  readonly id: Id<'webhookDelivery'>
  readonly state: DeliveryState
  /** Null: no answer. */
  readonly status: number | null
  readonly errorCode: string | null
  /** When it is tried again; null where it is not. */
  readonly retryMs: number | null
}

/** Records results, of deliveries that are pending still. Returns the lockdowns of those that are so no more. */
export async function updateDeliveries(tx: Tx, results: readonly DeliveryResult[]): Promise<Id<'lockdown'>[]> {
  if (results.length === 0) return []
  const rows = await tx.sql<{ lockdownId: Id<'lockdown'> | null; state: DeliveryState }[]>`
    update webhook_deliveries as delivery set state = result.state, last_status = result.status,
      last_error_code = result.error_code, next_attempt_at = now() + result.retry_ms * interval '1 ms',
      delivered_at = case when result.state = 'delivered' then now() end
    from unnest(
      ${results.map((one) => one.id)}::uuid[], ${results.map((one) => one.state)}::text[],
      ${results.map((one) => one.status)}::smallint[], ${results.map((one) => one.errorCode)}::text[],
      ${results.map((one) => one.retryMs)}::int8[]
    ) as result (id, state, status, error_code, retry_ms)
    where delivery.id = result.id and delivery.state = 'pending'
    returning delivery.lockdown_id as "lockdownId", delivery.state`
  return rows.flatMap(({ lockdownId, state }) => (lockdownId === null || state === 'pending' ? [] : [lockdownId]))
}

/** Writes a delivery of an event for one endpoint, whatever it subscribed to, and its job. */
export async function insertDelivery(
  tx: Tx,
  id: Id<'webhookDelivery'>,
  endpointId: Id<'webhookEndpoint'>,
  auditEventId: Id<'auditEvent'>,
): Promise<void> {
  await tx.sql`
    with delivery as (
      insert into webhook_deliveries (id, endpoint_id, audit_event_id)
      values (${id}, ${endpointId}, ${auditEventId}) returning id, lockdown_id
    ) ${insertDeliveryJobs(tx)}`
  tx.wakeAfterCommit()
}

/** Lists deliveries of an endpoint, newest first, from before an id. Uses `webhook_deliveries_endpoint`. */
export async function listDeliveries(
  queries: Queries,
  endpointId: Id<'webhookEndpoint'>,
  page: { readonly state: DeliveryState | null; readonly before: string | null; readonly limit: number },
): Promise<WebhookDeliveryRow[]> {
  const rows = await queries.sql<WebhookDeliveryRow[]>`
    select delivery.id, event.action, delivery.state, delivery.attempts, delivery.last_status as "lastStatus",
      delivery.last_error_code as "lastErrorCode", delivery.created_at as "createdAt",
      delivery.next_attempt_at as "nextAttemptAt", delivery.delivered_at as "deliveredAt"
    from webhook_deliveries as delivery left join audit_events as event on event.id = delivery.audit_event_id
    where delivery.endpoint_id = ${endpointId}
      and (${page.state}::text is null or delivery.state = ${page.state})
      and (${page.before}::uuid is null or (delivery.created_at, delivery.id) <
        (select before.created_at, before.id from webhook_deliveries as before where before.id = ${page.before}))
    order by delivery.created_at desc, delivery.id desc limit ${page.limit}`
  return [...rows]
}

/** Reads which endpoint a delivery is for, and how it and the endpoint stand; locks the delivery. */
export async function lockDelivery(
  tx: Tx,
  id: Id<'webhookDelivery'>,
): Promise<
  | {
      readonly endpointId: Id<'webhookEndpoint'>
      readonly state: DeliveryState
      readonly endpointState: 'active' | 'disabled'
    }
  | undefined
> {
  const [row] = await tx.sql<
    { endpointId: Id<'webhookEndpoint'>; state: DeliveryState; endpointState: 'active' | 'disabled' }[]
  >`
    select delivery.endpoint_id as "endpointId", delivery.state, endpoint.state as "endpointState"
    from webhook_deliveries as delivery join webhook_endpoints as endpoint on endpoint.id = delivery.endpoint_id
    where delivery.id = ${id} for no key update of delivery`
  return row
}

/** Makes a delivery that is over pending again, with its schedule from the start, and gives it a job. `false`: it is pending. */
export async function replayDelivery(tx: Tx, id: Id<'webhookDelivery'>): Promise<boolean> {
  const rows = await tx.sql`
    with delivery as (
      update webhook_deliveries set state = 'pending', attempts = 0, next_attempt_at = null, delivered_at = null
      where id = ${id} and state <> 'pending' returning id, lockdown_id
    ) ${insertDeliveryJobs(tx)}`
  if (rows.length > 0) tx.wakeAfterCommit()
  return rows.length > 0
}

/** The same for those of an endpoint that are dead and not older than `since`, oldest first, `most` of them. Returns how many. */
export async function replayDeadDeliveries(
  tx: Tx,
  endpointId: Id<'webhookEndpoint'>,
  since: Date,
  most: number,
): Promise<number> {
  const rows = await tx.sql`
    with dead as (
      select id from webhook_deliveries
      where endpoint_id = ${endpointId} and created_at >= ${since} and state = 'dead'
      order by created_at limit ${most} for no key update skip locked
    ), delivery as (
      update webhook_deliveries set state = 'pending', attempts = 0, next_attempt_at = null, delivered_at = null
      from dead where webhook_deliveries.id = dead.id returning webhook_deliveries.id, webhook_deliveries.lockdown_id
    ) ${insertDeliveryJobs(tx)}`
  if (rows.length > 0) tx.wakeAfterCommit()
  return rows.length
}

/** Whether an endpoint was sent a test within the last ten seconds. Uses `webhook_deliveries_endpoint`. */
export async function wasTestedLately(tx: Tx, endpointId: Id<'webhookEndpoint'>, action: string): Promise<boolean> {
  const rows = await tx.sql`
    select from webhook_deliveries as delivery join audit_events as event on event.id = delivery.audit_event_id
    where delivery.endpoint_id = ${endpointId} and delivery.created_at > now() - interval '10 seconds'
      and event.action = ${action} limit 1`
  return rows.length > 0
}

/**
 * Gives up what tells of lockdowns and waits for an endpoint that is disabled now, so that no lockdown waits for it. The rest
 * is given up when it is due. Returns the lockdowns. Uses `webhook_deliveries_lockdown`.
 */
export async function giveUpLockdownDeliveries(tx: Tx, endpointId: Id<'webhookEndpoint'>): Promise<Id<'lockdown'>[]> {
  const rows = await tx.sql<{ lockdownId: Id<'lockdown'> }[]>`
    update webhook_deliveries set state = 'dead', last_error_code = 'endpoint_disabled', next_attempt_at = null
    where lockdown_id is not null and endpoint_id = ${endpointId} and state = 'pending'
    returning lockdown_id as "lockdownId"`
  return [...new Set(rows.map((row) => row.lockdownId))]
}
