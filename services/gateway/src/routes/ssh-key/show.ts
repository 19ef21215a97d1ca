import { formatId, type Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { listSshKeyDeployments, type SshKeyDeployment, type SshKeyRow } from '@portcullis/db/queries/ssh-key'
import { withStore } from '@portcullis/db/transaction'
import { fingerprintText } from '@portcullis/domain/ssh-key/fingerprint'

/** So many places of a key are told. */
const deploymentsMost = 100

/** Keys as their owner sees them, with how each stands on the servers that are rented now. */
export async function showSshKeys(database: Database, keys: readonly SshKeyRow[]): Promise<Record<string, unknown>[]> {
  const ids = keys.map((key) => key.id)
  const deployments =
    ids.length === 0 ? [] : await withStore(database, (queries) => listSshKeyDeployments(queries, ids, deploymentsMost))
  const byKey = Map.groupBy(deployments, (one): Id<'sshKey'> => one.keyId)
  return keys.map((key) => showSshKey(key, byKey.get(key.id) ?? []))
}

/** One of them. */
export async function showOneSshKey(database: Database, key: SshKeyRow): Promise<Record<string, unknown>> {
  const [shown = {}] = await showSshKeys(database, [key])
  return shown
}

function showSshKey(key: SshKeyRow, deployments: readonly SshKeyDeployment[]): Record<string, unknown> {
  return {
    id: formatId('sshKey', key.id),
    name: key.name,
    type: key.type,
    fingerprint: fingerprintText(key.fingerprint),
    publicKey: key.canonical,
    createdAt: key.createdAt.toISOString(),
    deployments: deployments.map(({ rentalId, state, changedAt, confirmedAt }) => ({
      rentalId,
      state,
      changedAt: changedAt.toISOString(),
      confirmedAt: confirmedAt?.toISOString() ?? null,
    })),
  }
}
