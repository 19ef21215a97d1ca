import type { AuditAction } from '@portcullis/contracts/audit-action'
import { lockAccount } from '@portcullis/db/queries/account'
import type { Database } from '@portcullis/db/connect'
import { revokeApiKey } from '@portcullis/db/queries/api-key'
import {
  type KnownCredential,
  listKnownCredentials,
  lockLeakedClient,
  revokeLeakedClient,
  updateLeakedForGood,
} from '@portcullis/db/queries/leaked-credential'
import { revokeSession } from '@portcullis/db/queries/session'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { bearerHash, classifyBearer } from '../api-key/credential-token.ts'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'
import { notifyOwner } from '../notice/notify.ts'

/** Something that was found in public. */
export interface FoundToken {
  readonly token: string
  /** What kind of place it was found in: a code. */
  readonly source?: string | undefined
}

/** Who reports. */
export interface LeakReporter {
  readonly actor: 'api_client' | 'anonymous'
  readonly actorId?: string
  /** `github`: the signed report of its secret scanning. */
  readonly by: 'client' | 'github'
  readonly caller: Caller
}

/** What is done about the secret of an API client: a product may stand still without it. */
export type LeakedClientPolicy = 'report' | 'revoke'

/** Whether it is, or was, a credential of the house. */
export type LeakLabel = 'true_positive' | 'false_positive'

const clientLeaked = 'api_client_leaked'

/**
 * Ends what was found in public, and that alone: from the return on it opens nothing, on any node. API keys and sessions are revoked and their
 * owner is told; of a client's secret support is told, and it is revoked where the policy says so. Each credential in a transaction of its
 * own, so a long report holds nobody up and can be repeated: what is dead already is left alone. The text of a token goes nowhere. Answers
 * in the order of the items.
 */
export async function reportLeaks(
  database: Database,
  policy: LeakedClientPolicy,
  items: readonly FoundToken[],
  reporter: LeakReporter,
): Promise<LeakLabel[]> {
  // What has not the form of ours needs no look-up.
  const ours = items.flatMap(({ token, source }, place) =>
    classifyBearer(token) === undefined ? [] : [{ place, source, hash: bearerHash(token) }],
  )
  const labels = items.map((): LeakLabel => 'false_positive')
  if (ours.length === 0) return labels
  const known = await withStore(database, (queries) =>
    listKnownCredentials(
      queries,
      ours.map(({ hash }) => hash),
    ),
  )
  const done = new Set<string>()
  for (const [at, credential] of known.entries()) {
    const item = ours[at]
    if (!credential || !item) continue
    labels[item.place] = 'true_positive'
    if (done.has(credential.id)) continue
    done.add(credential.id)
    await inTransaction(database, (tx) => end(tx, policy, credential, item.source, reporter))
  }
  return labels
}

async function end(
  tx: Tx,
  policy: LeakedClientPolicy,
  credential: KnownCredential,
  source: string | undefined,
  reporter: LeakReporter,
): Promise<void> {
  const fact = (action: AuditAction, details: Record<string, unknown>): Fact => ({
    action,
    accountId: credential.accountId,
    actor: reporter.actor,
    ...(reporter.actorId !== undefined && { actorId: reporter.actorId }),
    subject: { kind: credential.kind === 'client' ? 'api_client' : credential.kind, id: credential.id },
    requestId: reporter.caller.requestId,
    details: { because: 'leaked', by: reporter.by, ...(source !== undefined && { source }), ...details },
  })
  if (credential.kind === 'client') return endClient(tx, policy, credential, fact, reporter.caller)
  const { accountId } = credential
  const caller = { ...reporter.caller, ip: null, userAgent: null }
  await lockAccount(tx, accountId)
  if (credential.kind === 'session') {
    if (!(await revokeSession(tx, accountId, credential.id, 'leaked'))) return endForGood(tx, credential, fact)
    await recordFacts(tx, [fact('session_revoked', {})])
    await notifyOwner(tx, { accountId, kind: 'sessions_revoked', caller, details: { revoked: 1 } })
    return
  }
  if (!(await revokeApiKey(tx, accountId, credential.id, 'leaked'))) return endForGood(tx, credential, fact)
  await recordFacts(tx, [fact('api_key_leaked', {}), fact('api_key_revoked', {})])
  await notifyOwner(tx, { accountId, kind: 'api_key_leaked', caller })
}

/** What a bulk revocation ended could be brought back by undoing it; what was leaked must not. */
async function endForGood(
  tx: Tx,
  { kind, id }: Exclude<KnownCredential, { kind: 'client' }>,
  fact: (action: AuditAction, details: Record<string, unknown>) => Fact,
): Promise<void> {
  if (!(await updateLeakedForGood(tx, kind, id))) return
  await recordFacts(tx, [fact(kind === 'api_key' ? 'api_key_leaked' : 'session_revoked', { forGood: true })])
}

async function endClient(
  tx: Tx,
  policy: LeakedClientPolicy,
  client: KnownCredential & { readonly kind: 'client' },
  fact: (action: AuditAction, details: Record<string, unknown>) => Fact,
  caller: Caller,
): Promise<void> {
  const found = await lockLeakedClient(tx, client.id, clientLeaked)
  if (!found?.alive) return
  const revoked = policy === 'revoke' && (await revokeLeakedClient(tx, client.id))
  // Scanners say it again and again: support is told once a day of a secret that still opens.
  if (found.reported && !revoked) return
  await recordFacts(tx, [fact(clientLeaked, { revoked })])
  await enqueue(tx, 'tell.support', { apiClientId: client.id }, caller.traceparent)
}
