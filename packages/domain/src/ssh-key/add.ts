import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { takeIdempotencyKey } from '@portcullis/db/queries/idempotency-key'
import type { LivingSession } from '@portcullis/db/queries/session'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import {
  findSshKey,
  insertKeyOnRentals,
  insertSshKey,
  revokeVoidSshKeys,
  type SshKeyRow,
  withdrawKeys,
} from '@portcullis/db/queries/ssh-key'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { hmacSha256, sha256 } from '@portcullis/runtime/digest'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { parseSshPublicKey, type SshPublicKey } from './parse.ts'

/** What adding works with. */
export interface AddSshKeyDeps {
  readonly database: Database
  /** Bodies of requests with an `Idempotency-Key` are told apart by an HMAC under it. */
  readonly idempotencyKey: Uint8Array
}

/** A key as its owner sends it. */
export interface SshKeyInput {
  readonly name: string
  /** The text of a `.pub` file. */
  readonly publicKey: string
}

/**
 * Adds a public key to the owner's account, in one transaction with the audit event, the notice, and its place (pending)
 * on every server that the owner rents. Three live at a time, however many are added at once; keys that a fence has
 * voided give up their slots here. With an `Idempotency-Key` a repeat gives the same key.
 *
 * @throws Failure `validation_failed` at `/publicKey` with the parser's code; `already_there`; `limit_reached`;
 *   `credential_required` where the session ended meanwhile; `idempotency_key_reused`.
 */
export async function addSshKey(
  deps: AddSshKeyDeps,
  session: LivingSession,
  input: SshKeyInput,
  caller: Caller,
  idempotencyKey?: string,
): Promise<SshKeyRow> {
  const parsed = parseSshPublicKey(input.publicKey)
  if (!parsed.ok) {
    const { code, detail } = parsed
    throw new Failure('validation_failed', { faults: [{ pointer: '/publicKey', code, detail }] })
  }
  const id = newId('sshKey')
  return inTransaction(deps.database, async (tx) => {
    if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
    if (idempotencyKey !== undefined) {
      const body = JSON.stringify([input.name, parsed.canonical])
      const made = await findMade(tx, deps.idempotencyKey, session.accountId, id, { key: idempotencyKey, body })
      if (made) return made
    }
    return writeSshKey(tx, session, { id, name: input.name, parsed }, caller)
  })
}

/** The key that was made under the same `Idempotency-Key` before, if there is one. A refusal uses none up. */
async function findMade(
  tx: Tx,
  bodyKey: Uint8Array,
  accountId: Id<'account'>,
  id: Id<'sshKey'>,
  request: { readonly key: string; readonly body: string },
): Promise<SshKeyRow | undefined> {
  const found = await takeIdempotencyKey(tx, {
    route: 'addSshKey',
    scope: accountId,
    keyHash: sha256(request.key),
    bodyHash: hmacSha256(bodyKey, request.body),
    status: 201,
    answer: { id },
  })
  if (found === 'new') return undefined
  if (!found.sameBody) throw new Failure('idempotency_key_reused')
  // Guarantee: this function wrote the answer.
  const key = await findSshKey(tx, accountId, (found.answer as { readonly id: Id<'sshKey'> }).id)
  if (!key) throw new Error('a key that was made under an Idempotency-Key is not there')
  return key
}

async function writeSshKey(
  tx: Tx,
  session: LivingSession,
  key: { readonly id: Id<'sshKey'>; readonly name: string; readonly parsed: SshPublicKey },
  caller: Caller,
): Promise<SshKeyRow> {
  const { accountId } = session
  const voided = await revokeVoidSshKeys(tx, accountId)
  const { type, canonical, blob } = key.parsed
  const made = await insertSshKey(tx, {
    id: key.id,
    accountId,
    name: key.name,
    type,
    canonical,
    fingerprint: sha256(blob),
  })
  if (typeof made === 'string') throw new Failure(made)
  if (voided.length > 0) await withdrawKeys(tx, voided)
  const rentals = await insertKeyOnRentals(tx, accountId, made.id)
  const common = { accountId, actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  await recordFacts(tx, [
    ...voided.map((id) => ({
      ...common,
      action: 'ssh_key_revoked' as const,
      subject: { kind: 'ssh_key', id },
      details: { because: 'fence' },
    })),
    {
      ...common,
      action: 'ssh_key_added',
      subject: { kind: 'ssh_key', id: made.id },
      details: { type, fingerprint: key.parsed.fingerprint, rentals, by: session.id },
    },
  ])
  await notifyOwner(tx, { accountId, kind: 'ssh_key_added', caller })
  return made
}
