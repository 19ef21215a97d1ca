import { Failure } from '@portcullis/contracts/errors'
import { listDeliveries } from '@portcullis/db/queries/webhook-delivery'
import { findWebhookEndpoint, listWebhookEndpoints } from '@portcullis/db/queries/webhook-endpoint'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import type { WebhookRouteDeps } from './deps.ts'
import { showDelivery, showWebhook } from './show.ts'

const pageRows = 50

/** `GET /v1/admin/webhooks`. */
export function listWebhooksRoute({ database }: WebhookRouteDeps): Route<'listWebhooks'> {
  return async () => {
    const endpoints = await withStore(database, (queries) => listWebhookEndpoints(queries))
    return { status: 200, body: { items: endpoints.map(showWebhook), nextCursor: null } }
  }
}

/** `GET /v1/admin/webhooks/{id}/deliveries`. */
export function listWebhookDeliveriesRoute({ database }: WebhookRouteDeps): Route<'listWebhookDeliveries'> {
  return async ({ params, query }) => {
    const { limit = pageRows, cursor: before = null, state = null } = query
    if (!(await withStore(database, (queries) => findWebhookEndpoint(queries, params.id))))
      throw new Failure('not_found')
    // One more than asked for tells whether there is a next page.
    const page = { state, before, limit: limit + 1 }
    const rows = await withStore(database, (queries) => listDeliveries(queries, params.id, page))
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const nextCursor = rows.length > limit && last ? last.id.replaceAll('-', '') : null
    return { status: 200, body: { items: shown.map(showDelivery), nextCursor } }
  }
}
