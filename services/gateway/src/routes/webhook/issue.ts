import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { findWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { once } from '@portcullis/domain/idempotency/once'
import type { IssuedWebhook } from '@portcullis/domain/webhook/create'
import type { Answer } from '../../http/mount.ts'
import type { WebhookRouteDeps } from './deps.ts'
import { showWebhook } from './show.ts'

/** One request that shows a secret. */
export interface SecretRequest {
  readonly route: 'createWebhook' | 'rotateWebhookSecret'
  readonly accountId: Id<'account'>
  readonly key: string | undefined
  readonly endpointId: Id<'webhookEndpoint'>
  /** All that the request says. */
  readonly said: unknown
}

/** Issues a secret, once for an `Idempotency-Key`: a repeat is answered without it, as it is kept sealed only. */
export async function issueSecretOnce(
  deps: WebhookRouteDeps,
  request: SecretRequest,
  issue: (tx: Tx) => Promise<IssuedWebhook>,
): Promise<Answer> {
  const { database } = deps
  if (request.key === undefined) return answer(await inTransaction(database, issue))
  let issued: IssuedWebhook | undefined
  const result = await once(
    database,
    {
      route: request.route,
      scope: request.accountId,
      key: request.key,
      body: JSON.stringify(request.said),
      bodyKey: deps.idempotencyKey,
      status: 201,
      answer: { id: request.endpointId },
    },
    async (tx) => {
      issued = await issue(tx)
    },
  )
  if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
  if (result.kind === 'repeated') return repeat(deps, result.answer)
  if (!issued) throw new Error('the work of a new key was not done')
  return answer(issued)
}

async function repeat({ database }: WebhookRouteDeps, stored: unknown): Promise<Answer> {
  // Guarantee: `issueSecretOnce` has stored it, under a route and scope that nobody else uses.
  const { id } = stored as { readonly id: Id<'webhookEndpoint'> }
  const endpoint = await withStore(database, (queries) => findWebhookEndpoint(queries, id))
  if (!endpoint) throw new Failure('not_found')
  return { status: 201, body: showWebhook(endpoint) }
}

function answer({ endpoint, secret }: IssuedWebhook): Answer {
  return { status: 201, body: { ...showWebhook(endpoint), ...(secret !== undefined && { secret }) } }
}
