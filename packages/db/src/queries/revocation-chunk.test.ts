import { asId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { explainQuery } from '@portcullis/testkit/explain'
import { expect, it } from 'vitest'
import type { Tx } from '../transaction.ts'
import { listRevocationEvents } from './revocation.ts'
import { revokeChunk } from './revocation-chunk.ts'
import { claimTargets, hasTargetsLeft, listTargets, updateRevocationProgress } from './revocation-target.ts'
import { restoreChunk } from './revocation-undo-chunk.ts'

const store = useDatabase()
const id = asId('revocation', '0198c0de-7a11-7e57-8000-5ec0de5ec0de')
const accounts = [asId('account', '0198c0de-7a11-7e57-8000-5ec0de5ec0df')]
const limits = { idleSeconds: 1_209_600, absoluteSeconds: 2_592_000, most: 50 }
const wish = { id, shard: 3, after: null, most: 500 } as const

it.each<[string, readonly string[], (tx: Tx) => Promise<unknown>]>([
  [
    'a chunk forth',
    ['sessions_active', 'Tid Scan revocation_targets', 'api_keys_', 'ssh_keys_', 'rental_keys_'],
    (tx) => revokeChunk(tx, id, accounts, limits),
  ],
  [
    'a chunk back',
    [
      'sessions_revoked_by',
      'Tid Scan revocation_targets',
      'api_keys_revoked_by',
      'ssh_keys_revoked_by',
      'audit_events_account',
    ],
    (tx) => restoreChunk(tx, id, accounts, limits),
  ],
  ['the next targets forth', ['revocation_targets_shard'], (tx) => claimTargets(tx, { ...wish, way: 'forth' })],
  ['the next targets back', ['revocation_targets_done'], (tx) => claimTargets(tx, { ...wish, way: 'back' })],
  ['what is left', ['revocation_targets_'], (tx) => hasTargetsLeft(tx, id, 'forth')],
  [
    'progress',
    ['bulk_revocations_pkey', 'operations_pkey'],
    (tx) => updateRevocationProgress(tx, id, 'forth', { accounts: 1, sessions: 1, apiKeys: 1, sshKeys: 1 }),
  ],
  ['a page of targets', ['revocation_targets_'], (tx) => listTargets(tx, id, { state: null, after: null, limit: 50 })],
  ['its story', ['audit_events_action'], (tx) => listRevocationEvents(tx, id, ['revocation_started'], 200)],
])('%s goes by its indexes, and reads no table from end to end', async (_what, indexes, query) => {
  const { scans } = await explainQuery(store.database, query)
  for (const index of indexes) expect(scans.join('\n')).toContain(index)
  // Bulk revocations and endpoints are a few rows; what the rest reads must not grow with the house.
  const grown = scans.filter(
    (scan) => scan.startsWith('Seq Scan') && !/ (fences|bulk_revocations|webhook_endpoints)$/.test(scan),
  )
  expect(grown).toEqual([])
})
