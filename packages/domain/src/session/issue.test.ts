import { lockAccount } from '@portcullis/db/queries/account'
import { inTransaction } from '@portcullis/db/transaction'
import { openPlaces } from '@portcullis/runtime/place'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { issueSession } from './issue.ts'
import { sessionLimits } from './limits.ts'

const store = useDatabase()

it('never leaves more than fifty sessions, though sixty are issued at once, and tells each that gave way: twenty times', async () => {
  const places = await openPlaces()
  for (let round = 0; round < 20; round += 1) {
    const { id: accountId } = await makeAccount(store.database)
    const subject = { accountId, deviceName: null, browser: undefined, factors: 'password', secondFactor: false }
    await Promise.all(
      Array.from({ length: 60 }, () =>
        inTransaction(store.database, async (tx) => {
          await lockAccount(tx, accountId)
          return issueSession(tx, subject, makeCaller(), places, sessionLimits)
        }),
      ),
    )
    const [row] = await store.database.sql`
      select count(*) filter (where revoked_at is null)::int as living,
        count(*) filter (where revoked_because = 'evicted')::int as evicted,
        (select count(*)::int from audit_events where account_id = ${accountId} and action = 'session_evicted') as told
      from sessions where account_id = ${accountId}`
    expect(row).toEqual({ living: 50, evicted: 10, told: 10 })
  }
}, 120_000)
