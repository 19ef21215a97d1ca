import type { Database } from '@portcullis/db/connect'
import { type LivingClient, listLivingClients } from '@portcullis/db/queries/api-client'
import { listPresentedApiKeys, type LivingApiKey, type PresentedApiKey } from '@portcullis/db/queries/api-key'
import { listLivingSessions, type LivingSession, type SessionLimits } from '@portcullis/db/queries/session'
import { isStoreAway, withStore } from '@portcullis/db/transaction'
import { createGather } from '@portcullis/runtime/gather'
import type { Logger } from '@portcullis/runtime/log'
import type { Places } from '@portcullis/runtime/place'
import { bearerHash, classifyBearer } from '../api-key/credential-token.ts'
import { createUseNoter } from '../api-key/note-use.ts'

/** What a bearer token opens now. */
export type Credential =
  | { readonly kind: 'session'; readonly session: LivingSession }
  | { readonly kind: 'api_key'; readonly key: LivingApiKey }
  | { readonly kind: 'client'; readonly client: LivingClient }

/**
 * Tells what a bearer token opens at this very moment; `undefined` for nothing, whatever the reason. `ip`: where it was
 * sent from, null where that is not known.
 */
export type ResolveCredential = (token: string, ip: string | null) => Promise<Credential | undefined>

/** What `createCredentialResolver` works with. */
export interface ResolverDeps {
  readonly database: Database
  readonly limits: SessionLimits
  readonly places: Places
  readonly log: Logger
}

/**
 * Makes the one check of bearer tokens: sessions, API keys and secrets of API clients. The strictest fence wins: own
 * revocation, expiry, state of the account, its epoch, the house's. What this house never made is not asked about.
 * Checks that arrive together are one statement for each kind; nothing is cached, and the statement starts after the
 * request has arrived, so an answer is never older than its question: what was revoked is refused at the very next
 * request, on every node.
 */
export function createCredentialResolver({ database, limits, places, log }: ResolverDeps): ResolveCredential {
  const gathered = <Out>(name: string, list: (hashes: readonly Uint8Array[]) => Promise<Out[]>) =>
    createGather<Uint8Array, Out>({
      name,
      batchMost: 256,
      inFlightMost: 4,
      patienceMs: 5,
      repeatable: (error) => !isStoreAway(error),
      run: list,
    })
  const checkSession = gathered('session_check', (hashes) =>
    withStore(database, (queries) => listLivingSessions(queries, hashes, limits)),
  )
  const checkKey = gathered('api_key_check', (hashes) =>
    withStore(database, (queries) => listPresentedApiKeys(queries, hashes)),
  )
  const checkClient = gathered('client_check', (hashes) =>
    withStore(database, (queries) => listLivingClients(queries, hashes)),
  )
  const noteUse = createUseNoter({ database, places, log })

  async function resolveKey(hash: Uint8Array, ip: string | null): Promise<LivingApiKey | undefined> {
    const presented: PresentedApiKey | undefined = await checkKey(hash)
    if (presented?.unnoted) noteUse(presented.id, ip, presented.living === undefined)
    return presented?.living
  }

  return async (token, ip) => {
    const kind = classifyBearer(token)
    if (kind === undefined) return undefined
    const hash = bearerHash(token)
    if (kind === 'session') {
      const session = await checkSession(hash)
      return session && { kind, session }
    }
    if (kind === 'api_key') {
      const key = await resolveKey(hash, ip)
      return key && { kind, key }
    }
    const client = await checkClient(hash)
    return client && { kind, client }
  }
}
