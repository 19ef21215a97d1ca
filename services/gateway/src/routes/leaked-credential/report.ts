import { reportLeaks } from '@portcullis/domain/leak/report'
import type { AppDeps } from '../../app-deps.ts'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/leaked-credentials`. */
export function reportLeakedCredentialsRoute(deps: AppDeps): Route<'reportLeakedCredentials'> {
  return async ({ client, body, caller }) => {
    const reporter = { actor: 'api_client', actorId: client.id, by: 'client', caller } as const
    const labels = await reportLeaks(deps.database, deps.leakedClients, body.items, reporter)
    return { status: 200, body: { items: labels.map((label) => ({ label })) } }
  }
}
