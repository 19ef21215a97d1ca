import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import { findUnrevokedApiKey, revokeApiKey } from '@portcullis/db/queries/api-key'
import { findUnrevokedSession, revokeSession } from '@portcullis/db/queries/session'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { bearerHash, classifyBearer } from '../api-key/credential-token.ts'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { type NoticeCaller, notifyOwner } from '../notice/notify.ts'

/**
 * Ends the session or the API key of a token, for a client that may: it is refused from the answer on, everywhere. What is
 * unknown, dead already or no token of an account is passed over in silence, and the client is told nothing of it. The
 * owner is told of a key that was revoked.
 * Source: RFC 7009 2.2.
 */
export async function revokeByToken(
  database: Database,
  client: LivingClient,
  token: string,
  caller: Caller,
): Promise<void> {
  const kind = classifyBearer(token)
  if (kind !== 'session' && kind !== 'api_key') return
  const hash = bearerHash(token)
  await inTransaction(database, async (tx) => {
    const ended = await (kind === 'session' ? endSession(tx, hash) : endApiKey(tx, hash))
    if (!ended) return
    await recordFacts(tx, [
      {
        action: kind === 'session' ? 'session_revoked' : 'api_key_revoked',
        accountId: ended.accountId,
        actor: 'api_client',
        actorId: client.id,
        subject: { kind, id: ended.id },
        requestId: caller.requestId,
        details: { because: 'client' },
      },
    ])
    // Not of a session: a product ends those all day, whenever somebody logs out of it.
    if (kind === 'api_key')
      await notifyOwner(tx, { accountId: ended.accountId, kind: 'api_key_revoked', caller: unseen(caller) })
  })
}

/** The client's own network and program are no news to the owner. */
function unseen({ traceparent }: Caller): NoticeCaller {
  return { ip: null, userAgent: null, traceparent }
}

/** What was ended. */
interface Ended {
  readonly id: string
  readonly accountId: Id<'account'>
}

// The account is locked only for the order of locks: a token of one that is closed meanwhile is revoked all the same.

async function endSession(tx: Tx, hash: Uint8Array): Promise<Ended | undefined> {
  const found = await findUnrevokedSession(tx, hash)
  if (!found) return undefined
  await lockAccount(tx, found.accountId)
  return (await revokeSession(tx, found.accountId, found.id, 'client')) ? found : undefined
}

async function endApiKey(tx: Tx, hash: Uint8Array): Promise<Ended | undefined> {
  const found = await findUnrevokedApiKey(tx, hash)
  if (!found) return undefined
  await lockAccount(tx, found.accountId)
  return (await revokeApiKey(tx, found.accountId, found.id, 'client')) ? found : undefined
}
