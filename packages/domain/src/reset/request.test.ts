import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeCaller } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { requestPasswordResets } from './request.ts'

const store = useDatabase()

it('accepts requests with state, audit event and job of each, or not at all', async () => {
  const [ada, bob] = [makeCaller(), makeCaller({ ip: null, userAgent: null })]
  await requestPasswordResets(store.database, [
    { emailKey: 'ada@example.com', caller: ada },
    { emailKey: 'bob@example.com', caller: bob },
  ])

  const resets = await store.database.sql<{ id: string }[]>`
    select id, email_key, state, host(ip) as ip, user_agent, length(salt) as salt, token_hash from password_resets
    order by email_key`
  expect(resets).toMatchObject([
    {
      email_key: 'ada@example.com',
      state: 'requested',
      ip: ada.ip,
      user_agent: ada.userAgent,
      salt: 16,
      token_hash: null,
    },
    { email_key: 'bob@example.com', state: 'requested', ip: null, user_agent: null, salt: 16 },
  ])
  for (const [place, caller] of [ada, bob].entries()) {
    const id = String(resets[place]?.id)
    expect(await listAudited(store.database, id)).toMatchObject([
      { action: 'authn_password_reset_requested', actor: 'anonymous', accountId: null, requestId: caller.requestId },
    ])
    const jobs = await store.database.sql`
      select message, hearer, payload, state, traceparent from jobs where payload ->> 'passwordResetId' = ${id}`
    expect([...jobs]).toEqual([
      {
        message: 'reset.requested',
        hearer: 'reset-mailer',
        payload: { passwordResetId: id },
        state: 'pending',
        traceparent: caller.traceparent,
      },
    ])
  }
})

it('accepts none of a batch when one cannot be written', async () => {
  const before = await counts()
  const good = { emailKey: 'eve@example.com', caller: makeCaller() }
  const bad = { emailKey: 'eve@example.com', caller: makeCaller({ ip: 'not an address' }) }
  await expect(requestPasswordResets(store.database, [good, bad])).rejects.toThrow()
  expect(await counts()).toEqual(before)
})

async function counts() {
  const [row] = await store.database.sql`
    select (select count(*) from password_resets) as resets, (select count(*) from audit_events) as events,
      (select count(*) from jobs) as jobs`
  return row
}
