import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued, listAudited } from '@portcullis/testkit/expect'
import { makeCaller } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { requestPasswordResets } from './request.ts'

const store = useDatabase()

it('accepts requests with state, audit event and job in one statement', async () => {
  const callers = [makeCaller(), makeCaller({ ip: null, userAgent: null })]
  await requestPasswordResets(store.database, [
    { emailKey: 'ada@example.com', caller: callers[0]! },
    { emailKey: 'bob@example.com', caller: callers[1]! },
  ])
  const resets = await store.database.sql`select id, email_key, state, host(ip) as ip, length(salt) as salt from password_resets order by email_key`
  expect(resets).toMatchObject([
    { email_key: 'ada@example.com', state: 'requested', ip: '203.0.113.7', salt: 16 },
    { email_key: 'bob@example.com', state: 'requested', ip: null, salt: 16 },
  ])
})
