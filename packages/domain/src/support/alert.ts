import { formatId, type Id } from '@portcullis/contracts/ids'
import type { Payload } from '@portcullis/contracts/messages/index'
import { findEndpointAlert, findLockdownAlert } from '@portcullis/db/queries/support-alert'
import type { Tx } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '../audit/record.ts'
import { enqueue } from '../job/enqueue.ts'

/** A way to the people of support. */
export type SupportChannel = 'chat' | 'mail'

/** What support is told. Ids, codes and moments: no address, no name. */
export interface SupportAlert {
  readonly about:
    | { readonly kind: 'lockdown'; readonly id: Id<'lockdown'>; readonly accountId: Id<'account'> }
    | { readonly kind: 'webhook_endpoint'; readonly id: Id<'webhookEndpoint'> }
    | { readonly kind: 'api_client'; readonly id: Id<'apiClient'> }
    /** `id` names this one pause. */
    | { readonly kind: 'queue_pause'; readonly id: string }
  readonly title: string
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** Path of the report that tells more. */
  readonly path: string
  /** Channels that are still to be used. */
  readonly channels: readonly SupportChannel[]
}

/** What is to be done. `unconfigured`: nobody is there to be told; that is recorded. */
export type PreparedAlert =
  | { readonly kind: 'alert'; readonly alert: SupportAlert }
  | { readonly kind: 'gone' | 'told' | 'unconfigured' }

/** Reads what support is to be told, and by which of the `configured` channels it was told already. */
export async function prepareAlert(
  tx: Tx,
  payload: Payload<'tell.support'>,
  configured: readonly SupportChannel[],
): Promise<PreparedAlert> {
  const found = await findAlert(tx, payload)
  if (!found) return { kind: 'gone' }
  const { told, ...alert } = found
  if (configured.length === 0) {
    await recordAlert(tx, alert.about, undefined)
    return { kind: 'unconfigured' }
  }
  const channels = configured.filter((channel) => !told.includes(channel))
  return channels.length === 0 ? { kind: 'told' } : { kind: 'alert', alert: { ...alert, channels } }
}

/** Records by which channel support was told; `undefined`: by none, as none is configured. A lockdown that waited goes on. */
export async function recordAlert(
  tx: Tx,
  about: SupportAlert['about'],
  channel: SupportChannel | undefined,
): Promise<void> {
  const fact: Fact = {
    action: channel === undefined ? 'support_not_configured' : 'support_told',
    accountId: about.kind === 'lockdown' ? about.accountId : null,
    actor: 'system',
    subject: { kind: about.kind, id: about.id },
    details: { ...(channel && { channel }), ...(about.kind === 'lockdown' && { lockdownId: about.id }) },
  }
  await recordFacts(tx, [fact])
  if (about.kind === 'lockdown') await enqueue(tx, 'run.lockdown', { lockdownId: about.id }, undefined)
}

function findAlert(tx: Tx, payload: Payload<'tell.support'>): Promise<Found | undefined> | Found {
  if ('lockdownId' in payload) return lockdownAlert(tx, payload.lockdownId)
  if ('webhookEndpointId' in payload) return endpointAlert(tx, payload.webhookEndpointId)
  return 'pauseId' in payload ? pauseAlert(payload) : apiClientAlert(payload.apiClientId)
}

type Found = Omit<SupportAlert, 'channels'> & { readonly told: readonly string[] }

async function lockdownAlert(tx: Tx, id: Id<'lockdown'>): Promise<Found | undefined> {
  const row = await findLockdownAlert(tx, id)
  if (!row) return undefined
  const { accountId, trigger, openedAt, told } = row
  return {
    about: { kind: 'lockdown', id, accountId },
    title: 'An account was locked down',
    facts: [
      { label: 'Account', value: formatId('account', accountId) },
      { label: 'Lockdown', value: formatId('lockdown', id) },
      { label: 'Set off by', value: triggers[trigger] },
      { label: 'Opened', value: momentOf(openedAt) },
    ],
    path: `/v1/admin/lockdowns/${formatId('lockdown', id)}/report?format=html`,
    told,
  }
}

const triggers = {
  owner: 'its owner',
  link: 'a link in a security mail',
  admin: 'an admin',
  api_client: 'the product',
  signal: 'a risk signal',
  email_reverted: 'a change of address that was reverted',
} as const

async function endpointAlert(tx: Tx, id: Id<'webhookEndpoint'>): Promise<Found | undefined> {
  const row = await findEndpointAlert(tx, id)
  if (!row || row.state === 'active') return undefined
  return {
    about: { kind: 'webhook_endpoint', id },
    title: 'A webhook endpoint was disabled',
    facts: [
      { label: 'Endpoint', value: formatId('webhookEndpoint', id) },
      { label: 'Why', value: row.disabledBecause === 'gone' ? 'it answered 410' : 'it failed for five days' },
      ...(row.failingSince ? [{ label: 'Failing since', value: momentOf(row.failingSince) }] : []),
    ],
    path: `/v1/admin/webhooks/${formatId('webhookEndpoint', id)}/deliveries?state=dead`,
    told: [],
  }
}

function apiClientAlert(id: Id<'apiClient'>): Found {
  return {
    about: { kind: 'api_client', id },
    title: 'The secret of an API client was found in public',
    facts: [{ label: 'Client', value: formatId('apiClient', id) }],
    path: '/v1/admin/clients',
    told: [],
  }
}

function pauseAlert({ pauseId, queue, message }: Extract<Payload<'tell.support'>, { pauseId: string }>): Found {
  return {
    about: { kind: 'queue_pause', id: pauseId },
    title: 'A queue that lockdowns need was paused',
    facts: [
      { label: 'Queue', value: queue },
      { label: 'Messages', value: message === '*' ? 'all' : message },
    ],
    path: '/v1/admin/queues',
    told: [],
  }
}

function momentOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
