import { useDatabase } from '@portcullis/testkit/database'
import { expect, it } from 'vitest'

const store = useDatabase()

it('every connection plans once, by key: a young table, or a burst, is never read from end to end', async () => {
  const [row] = await store.database.sql`
    select current_setting('plan_cache_mode') as plan, current_setting('enable_seqscan') as seqscan,
      current_setting('enable_hashjoin') as hashjoin, current_setting('enable_mergejoin') as mergejoin`
  expect(row).toEqual({ plan: 'force_generic_plan', seqscan: 'off', hashjoin: 'off', mergejoin: 'off' })
})
