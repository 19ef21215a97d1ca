import { asId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeSession } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { inTransaction } from '../transaction.ts'
import { listKnownCredentials } from './leaked-credential.ts'
import { findRiskStanding, insertRiskSignal, voidProofs } from './risk-signal.ts'

const store = useDatabase()
const clientId = asId('apiClient', '01a202ca-eb6f-73ee-b73b-8fd8d22104fe')
const signalId = () => asId('riskSignal', crypto.randomUUID())

it('what was stepped up is unanswered until a session is proved after it', async () => {
  const { id: accountId } = await makeAccount(store.database)
  const sessionId = await makeSession(store.database, accountId)
  const standing = () => inTransaction(store.database, (tx) => findRiskStanding(tx, accountId, 60))
  expect(await standing()).toEqual({ level: null, unanswered: false })
  await inTransaction(store.database, async (tx) => {
    await insertRiskSignal(tx, {
      id: signalId(),
      clientId,
      accountId,
      kind: 'verdict',
      level: 'high',
      reason: 'x',
      reference: null,
      occurredAt: null,
      taken: 'step_up',
    })
    expect(await voidProofs(tx, accountId)).toBe(1)
  })
  expect(await standing()).toEqual({ level: 'high', unanswered: true })
  await store.database.sql`update sessions set proved_at = now() where id = ${sessionId}`
  expect(await standing()).toEqual({ level: 'high', unanswered: false })
})

it('hashes are matched by place, whatever is known of them', async () => {
  const { id: accountId } = await makeAccount(store.database)
  const id = await makeSession(store.database, accountId)
  const [row] = await store.database.sql<{ hash: Buffer }[]>`select token_hash as hash from sessions where id = ${id}`
  const other = Buffer.alloc(32, 1)
  const found = await listKnownCredentials(store.database, [other, row?.hash ?? other, other])
  expect(found).toEqual([undefined, { kind: 'session', id, accountId }, undefined])
})
