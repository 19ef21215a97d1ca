import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { type ApiKeyRow, insertApiKey, releaseDeadSlots } from '@portcullis/db/queries/api-key'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { ownerFact } from './fact.ts'
import { newApiKey } from './format.ts'
import type { Scope } from './scope.ts'

/** A key that its owner wants. */
export interface ApiKeyWish {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt: Date | null
}

/** A key that was made. */
export interface IssuedApiKey {
  /** Shown once, in the answer to the call that made it. */
  readonly secret: string
  readonly key: ApiKeyRow
}

/** A key before it is stored: its text is made outside the transaction, its id is known to an idempotent repeat. */
export interface PreparedApiKey extends ReturnType<typeof newApiKey> {
  readonly id: Id<'apiKey'>
}

/** Makes the text and the id of a key. Nothing is stored. */
export function prepareApiKey(): PreparedApiKey {
  return { id: newId('apiKey'), ...newApiKey('live') }
}

/**
 * Makes an API key for the owner whose session asks, in the caller's transaction: the key, the audit event, the notice.
 * Three are active at a time, by a rule of the database; dead ones give way. Throws `Failure`, so that all is undone:
 * `limit_reached`, and `credential_required` where the session has ended meanwhile.
 */
export async function createApiKey(
  tx: Tx,
  session: LivingSession,
  prepared: PreparedApiKey,
  wish: ApiKeyWish,
  caller: Caller,
): Promise<IssuedApiKey> {
  const { accountId } = session
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  const { id, hash, prefix, last4 } = prepared
  const dead = await releaseDeadSlots(tx, accountId)
  const key = await insertApiKey(tx, { id, accountId, keyHash: hash, prefix, last4, ...wish })
  if (!key) throw new Failure('limit_reached')
  await recordFacts(tx, [
    ...dead.map((one) => ownerFact('api_key_revoked', session, one.id, caller, { because: one.because })),
    ownerFact('api_key_created', session, id, caller, { scopes: wish.scopes, expiresAt: wish.expiresAt }),
  ])
  await notifyOwner(tx, { accountId, kind: 'api_key_created', caller })
  return { secret: prepared.key, key }
}
