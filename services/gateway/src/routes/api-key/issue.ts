import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { findApiKey } from '@portcullis/db/queries/api-key'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { type IssuedApiKey, prepareApiKey, type PreparedApiKey } from '@portcullis/domain/api-key/create'
import { once } from '@portcullis/domain/idempotency/once'
import type { Clock } from '@portcullis/runtime/clock'
import type { Answer } from '../../http/mount.ts'
import { showApiKey } from './show.ts'

/** What routes that issue keys work with. */
export interface IssueDeps {
  readonly database: Database
  readonly clock: Clock
  /** Bodies of keyed requests are told apart by an HMAC under it. */
  readonly idempotencyKey: Uint8Array
}

/** One request for a key. */
export interface IssueRequest {
  readonly route: 'createApiKey' | 'rotateApiKey'
  readonly accountId: Id<'account'>
  readonly key: string | undefined
  /** All that the request says. */
  readonly said: unknown
}

/**
 * Issues a key, once for an `Idempotency-Key`. Only the id is kept for a repeat: it is answered with the key as it is now,
 * and without its secret, which is stored nowhere.
 */
export async function issueOnce(
  deps: IssueDeps,
  request: IssueRequest,
  issue: (tx: Tx, prepared: PreparedApiKey) => Promise<IssuedApiKey>,
): Promise<Answer> {
  const { database } = deps
  const prepared = prepareApiKey()
  if (request.key === undefined) return answer(await inTransaction(database, (tx) => issue(tx, prepared)))
  let issued: IssuedApiKey | undefined
  const result = await once(
    database,
    {
      route: request.route,
      scope: request.accountId,
      key: request.key,
      body: JSON.stringify(request.said),
      bodyKey: deps.idempotencyKey,
      status: 201,
      answer: { id: prepared.id },
    },
    async (tx) => {
      issued = await issue(tx, prepared)
    },
  )
  if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
  if (result.kind === 'repeated') return repeat(database, request.accountId, result.answer)
  if (!issued) throw new Error('the work of a new key was not done')
  return answer(issued)
}

/** The moment at which a key is to end; absent and null stay what they are. */
export function readMoment(text: string | null | undefined): Date | null | undefined {
  return typeof text === 'string' ? new Date(text) : text
}

async function repeat(database: Database, accountId: Id<'account'>, stored: unknown): Promise<Answer> {
  // Guarantee: `issueOnce` has stored it, under a route and scope that nobody else uses.
  const { id } = stored as { readonly id: Id<'apiKey'> }
  const key = await withStore(database, (queries) => findApiKey(queries, accountId, id))
  if (!key) throw new Failure('not_found')
  return { status: 201, body: showApiKey(key) }
}

function answer({ key, secret }: IssuedApiKey): Answer {
  return { status: 201, body: { ...showApiKey(key), key: secret } }
}
