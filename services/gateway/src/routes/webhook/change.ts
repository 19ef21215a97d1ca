import { Failure } from '@portcullis/contracts/errors'
import { changeWebhook, deleteWebhook } from '@portcullis/domain/webhook/change'
import type { Route } from '../../http/mount.ts'
import { requireCallable, type WebhookRouteDeps } from './deps.ts'
import { showWebhook } from './show.ts'

/** `PATCH /v1/admin/webhooks/{id}`. */
export function changeWebhookRoute({ database, outbound }: WebhookRouteDeps): Route<'changeWebhook'> {
  return async ({ session, params, body, caller }) => {
    const { url, description, events, state } = body
    if (url !== undefined) await requireCallable(outbound, url)
    const change = {
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...(events !== undefined && { events }),
      ...(state !== undefined && { state }),
    }
    const changed = await changeWebhook(database, params.id, change, { session, caller })
    if (!changed) throw new Failure('not_found')
    return { status: 200, body: showWebhook(changed) }
  }
}

/** `DELETE /v1/admin/webhooks/{id}`. */
export function deleteWebhookRoute({ database }: WebhookRouteDeps): Route<'deleteWebhook'> {
  return async ({ session, params, caller }) => {
    if (!(await deleteWebhook(database, params.id, { session, caller }))) throw new Failure('not_found')
    return { status: 204 }
  }
}
