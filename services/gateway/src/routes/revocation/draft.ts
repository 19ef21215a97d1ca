import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { once } from '@portcullis/domain/idempotency/once'
import { draftRevocation } from '@portcullis/domain/revocation/draft'
import { newId } from '@portcullis/runtime/id'
import type { AppDeps } from '../../app-deps.ts'
import type { Call, Route } from '../../http/mount.ts'
import { showRevocationNow } from './show-now.ts'

/** `POST /v1/admin/revocations`. */
export function draftRevocationRoute(deps: AppDeps): Route<'draftRevocation'> {
  return async (call) => {
    const id = await draftOnce(deps, call)
    return { status: 201, body: await showRevocationNow(deps, id) }
  }
}

/** Drafts it, once for an `Idempotency-Key`; gives the id of the draft, also of an earlier one under the same key. */
async function draftOnce(deps: AppDeps, call: Call<'draftRevocation'>): Promise<Id<'revocation'>> {
  const { reports, limits, idempotencyKey: bodyKey } = deps
  const { session, caller, body, idempotencyKey: key } = call
  const id = newId('revocation')
  const wish = {
    ...body,
    fence: body.fence ?? false,
    ratePerSecond: body.ratePerSecond ?? null,
    includeOwnSession: body.includeOwnSession ?? false,
  }
  const work = (tx: Tx) => draftRevocation(tx, { session, caller }, id, wish, limits)
  if (key === undefined) {
    await inTransaction(reports, work)
    return id
  }
  const said = JSON.stringify(body)
  const scope = session.accountId
  const keyed = { route: 'draftRevocation', scope, key, body: said, bodyKey, status: 201, answer: { id } }
  const result = await once(reports, keyed, work)
  if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
  // Guarantee: this very route has stored it, under a scope that nobody else uses.
  return result.kind === 'repeated' ? (result.answer as { readonly id: Id<'revocation'> }).id : id
}
