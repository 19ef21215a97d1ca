import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import {
  evictOverlaps,
  findRotatableApiKey,
  insertApiKey,
  releaseDeadSlots,
  updateApiKeyRotated,
} from '@portcullis/db/queries/api-key'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import type { IssuedApiKey, PreparedApiKey } from './create.ts'
import { ownerFact } from './fact.ts'

/** How long the old key lives on, unless less is asked for; and the most that can be. */
export const overlapSecondsMost = 86_400

/** How a key is to be rotated. */
export interface Rotation {
  readonly id: Id<'apiKey'>
  /** 0: the old key is dead at once. */
  readonly overlapSeconds: number
  /** Absent: the new key is given as long a life as the old one was. */
  readonly expiresAt?: Date | null | undefined
  readonly now: Date
}

/**
 * Makes a key with the name and scopes of another, in its slot, in the caller's transaction. The old one lives on for the
 * overlap and holds no slot. No more than three overlaps are under way: the one that would end first gives way, so that
 * no number of rotations makes more than six living keys. Throws `Failure`, so that all is undone: `not_found`,
 * `already_rotated`, `credential_required`.
 */
export async function rotateApiKey(
  tx: Tx,
  session: LivingSession,
  prepared: PreparedApiKey,
  rotation: Rotation,
  caller: Caller,
): Promise<IssuedApiKey> {
  const { accountId } = session
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  const old = await findRotatableApiKey(tx, accountId, rotation.id)
  if (!old) throw new Failure('not_found')
  if (old.inOverlap) throw new Failure('already_rotated')
  const { id, hash, prefix, last4 } = prepared
  await updateApiKeyRotated(tx, old.id, id, rotation.overlapSeconds)
  const dead = await releaseDeadSlots(tx, accountId)
  const sameLife = old.lifetimeMs === null ? null : new Date(rotation.now.getTime() + old.lifetimeMs)
  const expiresAt = rotation.expiresAt === undefined ? sameLife : rotation.expiresAt
  const { name, scopes } = old
  const key = await insertApiKey(tx, { id, accountId, keyHash: hash, prefix, last4, name, scopes, expiresAt })
  if (!key) throw new Failure('limit_reached')
  const evicted = await evictOverlaps(tx, accountId)
  await recordFacts(tx, [
    ...dead.map((one) => ownerFact('api_key_revoked', session, one.id, caller, { because: one.because })),
    ownerFact('api_key_rotated', session, old.id, caller, { to: id, overlapSeconds: rotation.overlapSeconds }),
    ownerFact('api_key_created', session, id, caller, { scopes, expiresAt, rotatedFrom: old.id }),
    ...evicted.map((one) => ownerFact('api_key_revoked', session, one, caller, { because: 'evicted' })),
  ])
  await notifyOwner(tx, { accountId, kind: 'api_key_created', caller })
  return { secret: prepared.key, key }
}
