import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { ClientScope } from '@portcullis/contracts/client-scope'
import type { Id } from '@portcullis/contracts/ids'
import {
  apiClientsMost,
  type ApiClientRow,
  countLivingApiClients,
  findApiClient,
  insertApiClient,
  revokeApiClient,
  updateApiClient,
} from '@portcullis/db/queries/api-client'
import { lockStaffAndTarget } from '@portcullis/db/queries/account-administration'
import type { Tx } from '@portcullis/db/transaction'
import { newClientSecret } from '../api-key/credential-token.ts'
import { recordFacts } from '../audit/record.ts'
import { type AskingStaff, requirePermitted, staffFact } from './staff.ts'

/** A client with the secret that is shown once. */
export interface IssuedClient {
  readonly client: ApiClientRow
  /** `pcc_…`: only its SHA-256 is stored. */
  readonly secret: string
}

/** Makes an API client for an admin. Throws `Failure`: `limit_reached`, `credential_required`, `not_allowed`. */
export async function createClientAsAdmin(
  tx: Tx,
  by: AskingStaff,
  id: Id<'apiClient'>,
  wish: { readonly name: string; readonly scopes: readonly ClientScope[]; readonly reason: string },
): Promise<IssuedClient> {
  await requireManager(tx, by)
  if ((await countLivingApiClients(tx)) >= apiClientsMost) throw new Failure('limit_reached')
  const { token, hash } = newClientSecret()
  await insertApiClient(tx, { id, name: wish.name, secretHash: hash, scopes: wish.scopes })
  await record(tx, by, 'api_client_created', id, { scopes: wish.scopes, reason: wish.reason })
  const client = await findApiClient(tx, id)
  if (!client) throw new Error('a client that was just written is not there')
  return { client, secret: token }
}

/** Changes a client; `undefined` for one that is not there or revoked. */
export async function changeClientAsAdmin(
  tx: Tx,
  by: AskingStaff,
  id: Id<'apiClient'>,
  change: {
    readonly name?: string | undefined
    readonly scopes?: readonly ClientScope[] | undefined
    readonly reason: string
  },
): Promise<ApiClientRow | undefined> {
  await requireManager(tx, by)
  const { name, scopes, reason } = change
  const changed = await updateApiClient(tx, id, { name, scopes })
  const details = { renamed: name !== undefined, ...(scopes && { scopes }), reason }
  if (changed) await record(tx, by, 'api_client_updated', id, details)
  return changed
}

/** Revokes a client: refused from the commit on. `false` for one that is not there or was revoked. */
export async function revokeClientAsAdmin(
  tx: Tx,
  by: AskingStaff,
  id: Id<'apiClient'>,
  reason: string,
): Promise<boolean> {
  await requireManager(tx, by)
  if (!(await revokeApiClient(tx, id))) return false
  await record(tx, by, 'api_client_revoked', id, { reason })
  return true
}

/** An admin whose session or role was taken since the request came in makes no client any more. */
async function requireManager(tx: Tx, { session }: AskingStaff): Promise<void> {
  const { actorRole } = await lockStaffAndTarget(tx, session, session.accountId)
  if (actorRole === undefined) throw new Failure('credential_required')
  requirePermitted(actorRole, 'clients.manage')
}

async function record(
  tx: Tx,
  by: AskingStaff,
  action: AuditAction,
  id: Id<'apiClient'>,
  details: Record<string, unknown>,
): Promise<void> {
  const subject = { kind: 'api_client', id }
  await recordFacts(tx, [staffFact(by, 'admin', { action, accountId: null, subject, details })])
}
