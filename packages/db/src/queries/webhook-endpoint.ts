import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Webhook endpoints at a time: each event is held against every active one. */
export const webhookEndpointsMost = 50

/** What an endpoint is sent: a signed webhook, or a security event token. */
export type EndpointFormat = 'webhook' | 'security_event'

/** Why an endpoint is told nothing. */
export type DisabledBecause = 'admin' | 'gone' | 'failing'

/** An endpoint as admins see it. Never its secret. */
export interface WebhookEndpointRow {
  readonly id: Id<'webhookEndpoint'>
  readonly format: EndpointFormat
  readonly url: string
  readonly description: string
  /** `aud` of the tokens; null for a webhook. */
  readonly audience: string | null
  /** As subscribed to: public names, or `*`. */
  readonly events: readonly string[]
  readonly state: 'active' | 'disabled'
  readonly disabledBecause: DisabledBecause | null
  readonly failingSince: Date | null
  readonly failures: number
  readonly formerSecretUntil: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An endpoint to be made. */
export interface NewWebhookEndpoint {
  readonly id: Id<'webhookEndpoint'>
  /** Default `webhook`. */
  readonly format?: EndpointFormat
  readonly url: string
  readonly description: string
  readonly events: readonly string[]
  /** Audit actions: the expansion of `events`. */
  readonly actions: readonly string[]
  /** Of a webhook. */
  readonly secretSealed?: string
  /** Of a receiver of security events. */
  readonly audience?: string
  readonly authorizationSealed?: string
  readonly createdBy: Id<'account'>
}

/** Makes an endpoint; `undefined` where there are as many as there may be. */
export async function insertWebhookEndpoint(
  tx: Tx,
  endpoint: NewWebhookEndpoint,
): Promise<WebhookEndpointRow | undefined> {
  // One at a time: else two could both be the last that fits.
  await tx.sql`select pg_advisory_xact_lock(hashtext('webhook_endpoints'))`
  const [row] = await tx.sql<WebhookEndpointRow[]>`
    insert into webhook_endpoints as endpoint (id, format, url, description, events, actions, secret_sealed, audience,
      authorization_sealed, created_by)
    select ${endpoint.id}, ${endpoint.format ?? 'webhook'}, ${endpoint.url}, ${endpoint.description}, ${[...endpoint.events]}::text[],
      ${[...endpoint.actions]}::text[], ${endpoint.secretSealed ?? null}, ${endpoint.audience ?? null},
      ${endpoint.authorizationSealed ?? null}, ${endpoint.createdBy}
    where (select count(*) from (
      select from webhook_endpoints limit ${webhookEndpointsMost}) as present) < ${webhookEndpointsMost}
    returning ${columns(tx)}`
  return row
}

/** Lists every webhook endpoint, newest first. Uses `webhook_endpoints_pkey`. */
export async function listWebhookEndpoints(queries: Queries): Promise<WebhookEndpointRow[]> {
  const rows = await queries.sql<WebhookEndpointRow[]>`
    select ${columns(queries)} from webhook_endpoints as endpoint
    order by id desc limit ${webhookEndpointsMost}`
  return [...rows]
}

/** Reads an endpoint. */
export async function findWebhookEndpoint(
  queries: Queries,
  id: Id<'webhookEndpoint'>,
): Promise<WebhookEndpointRow | undefined> {
  const [row] = await queries.sql<WebhookEndpointRow[]>`
    select ${columns(queries)} from webhook_endpoints as endpoint where id = ${id}`
  return row
}

/** Reads an endpoint with its sealed secret, and locks it. */
export async function lockWebhookEndpoint(
  tx: Tx,
  id: Id<'webhookEndpoint'>,
): Promise<(WebhookEndpointRow & { readonly secretSealed: string | null }) | undefined> {
  const [row] = await tx.sql<(WebhookEndpointRow & { secretSealed: string | null })[]>`
    select ${columns(tx)}, endpoint.secret_sealed as "secretSealed" from webhook_endpoints as endpoint
    where id = ${id} for no key update`
  return row
}

/** What is to be changed; what is absent stays. */
export interface WebhookEndpointChange {
  readonly url?: string | undefined
  readonly description?: string | undefined
  readonly subscription?: { readonly events: readonly string[]; readonly actions: readonly string[] } | undefined
  readonly state?: 'active' | 'disabled' | undefined
}

/** Changes an endpoint that this transaction has locked. One that is switched on begins without a past. */
export async function updateWebhookEndpoint(
  tx: Tx,
  id: Id<'webhookEndpoint'>,
  { url, description, subscription, state }: WebhookEndpointChange,
): Promise<WebhookEndpointRow | undefined> {
  const [row] = await tx.sql<WebhookEndpointRow[]>`
    update webhook_endpoints as endpoint set
      url = coalesce(${url ?? null}, url), description = coalesce(${description ?? null}, description),
      events = coalesce(${subscription ? [...subscription.events] : null}::text[], events),
      actions = coalesce(${subscription ? [...subscription.actions] : null}::text[], actions),
      state = coalesce(${state ?? null}, state),
      disabled_because = case when ${state ?? null}::text = 'active' then null
        when ${state ?? null}::text = 'disabled' and state = 'active' then 'admin' else disabled_because end,
      failing_since = case when ${state ?? null}::text = 'active' then null else failing_since end,
      failures = case when ${state ?? null}::text = 'active' then 0 else failures end,
      updated_at = now()
    where id = ${id} returning ${columns(tx)}`
  return row
}

/** Gives an endpoint a new secret; the former one signs beside it for so long. */
export async function updateWebhookSecret(
  tx: Tx,
  id: Id<'webhookEndpoint'>,
  secret: { readonly sealed: string; readonly formerSealed: string; readonly overlapSeconds: number },
): Promise<WebhookEndpointRow | undefined> {
  const { sealed, formerSealed, overlapSeconds } = secret
  const keep = overlapSeconds > 0
  const [row] = await tx.sql<WebhookEndpointRow[]>`
    update webhook_endpoints as endpoint set secret_sealed = ${sealed},
      former_secret_sealed = ${keep ? formerSealed : null},
      former_secret_until = case when ${keep} then now() + ${overlapSeconds} * interval '1 s' end, updated_at = now()
    where id = ${id} returning ${columns(tx)}`
  return row
}

/** Deletes an endpoint with its deliveries; `false` for one that is not there. */
export async function deleteWebhookEndpoint(tx: Tx, id: Id<'webhookEndpoint'>): Promise<boolean> {
  const rows = await tx.sql`delete from webhook_endpoints where id = ${id} returning id`
  return rows.length === 1
}

/** How attempts of one endpoint ended, of those recorded together. */
export interface EndpointVerdict {
  readonly id: Id<'webhookEndpoint'>
  readonly failures: number
  /** The last of them was taken: whatever failed before, it is alive. */
  readonly alive: boolean
  /** It said that it is no more. */
  readonly gone: boolean
}

/** An endpoint that was given up just now. */
export interface GivenUpEndpoint {
  readonly id: Id<'webhookEndpoint'>
  readonly because: 'gone' | 'failing'
}

/**
 * Notes how endpoints do, and disables those that are gone or have failed without a pause for so many seconds. An endpoint
 * that is well and stays well is not written, so busy ones are no bottleneck. Returns those that were given up.
 */
export async function updateEndpointHealth(
  tx: Tx,
  verdicts: readonly EndpointVerdict[],
  patienceSeconds: number,
): Promise<GivenUpEndpoint[]> {
  if (verdicts.length === 0) return []
  // Always in the same order, so that two workers never wait for each other.
  const sorted = [...verdicts].sort((a, b) => (a.id < b.id ? -1 : 1))
  const rows = await tx.sql<GivenUpEndpoint[]>`
    with verdict as (
      select id, failures, alive = 1 as alive, gone = 1 as gone from unnest(
        ${sorted.map((one) => one.id)}::uuid[], ${sorted.map((one) => one.failures)}::int[],
        ${sorted.map((one) => Number(one.alive))}::int[], ${sorted.map((one) => Number(one.gone))}::int[]
      ) as verdict (id, failures, alive, gone)
    ), locked as (
      select endpoint.id, verdict.failures, verdict.alive, verdict.gone,
        verdict.gone or (not verdict.alive and endpoint.failing_since < now() - ${patienceSeconds} * interval '1 s') as hopeless
      from verdict join webhook_endpoints as endpoint on endpoint.id = verdict.id
      where endpoint.state = 'active' and (not verdict.alive or endpoint.failing_since is not null or verdict.gone)
      order by endpoint.id for no key update of endpoint
    )
    update webhook_endpoints as endpoint set
      failing_since = case when locked.alive then null else coalesce(endpoint.failing_since, now()) end,
      failures = case when locked.alive then 0 else endpoint.failures + locked.failures end,
      state = case when locked.hopeless then 'disabled' else endpoint.state end,
      disabled_because = case when not locked.hopeless then endpoint.disabled_because
        when locked.gone then 'gone' else 'failing' end,
      updated_at = case when locked.hopeless then now() else endpoint.updated_at end
    from locked where endpoint.id = locked.id
    returning endpoint.id, case when locked.hopeless then endpoint.disabled_because end as because`
  return rows.filter((row) => row.because !== null)
}

function columns(queries: Queries) {
  return queries.sql`
    endpoint.id, endpoint.format, endpoint.url, endpoint.description, endpoint.audience, endpoint.events, endpoint.state,
    endpoint.disabled_because as "disabledBecause", endpoint.failing_since as "failingSince", endpoint.failures,
    case when endpoint.former_secret_until > now() then endpoint.former_secret_until end as "formerSecretUntil",
    endpoint.created_at as "createdAt", endpoint.updated_at as "updatedAt"`
}
