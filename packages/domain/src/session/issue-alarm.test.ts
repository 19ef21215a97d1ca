import type { Id } from '@portcullis/contracts/ids'
import { lockAccount } from '@portcullis/db/queries/account'
import { replaceBackupCodes } from '@portcullis/db/queries/two-factor'
import { inTransaction } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'
import { openPlaces } from '@portcullis/runtime/place'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { describe, expect, it } from 'vitest'
import { tellBackupCodeUsed } from '../two-factor/tell-backup-code.ts'
import { issueSession } from './issue.ts'
import { sessionLimits } from './limits.ts'
import { tellWrongCodes } from './tell-wrong-codes.ts'

const store = useDatabase()
const firefox = 'Firefox on Linux'
// Addresses of networks that the packaged table knows.
const american = makeCaller({ ip: '8.8.8.8' })
const japanese = makeCaller({ ip: '133.11.0.1' })

interface Past {
  readonly outcome?: 'success' | 'wrong_password' | 'wrong_code' | 'throttled'
  readonly minutesAgo: number
  readonly country?: string | null
  readonly device?: string
}

/** Writes logins of the past; ids are in order of their times. */
async function remember(accountId: Id<'account'>, ...past: readonly Past[]) {
  for (const { outcome = 'success', minutesAgo, country = 'US', device = firefox } of past) {
    await store.database.sql`
      insert into login_events (id, account_id, outcome, factors, country, device, occurred_at)
      select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || right(replace(${newUuid()}, '-', ''), 20))::uuid,
        ${accountId}, ${outcome}, 'password', ${country}, ${device}, moment
      from (select now() - ${minutesAgo} * interval '1 minute' as moment) as at`
  }
}

async function logIn(accountId: Id<'account'>, caller = american) {
  const places = await openPlaces()
  await inTransaction(store.database, async (tx) => {
    await lockAccount(tx, accountId)
    const subject = { accountId, deviceName: null, browser: undefined, factors: 'password', secondFactor: false }
    return issueSession(tx, subject, caller, places, sessionLimits)
  })
}

async function told(accountId: Id<'account'>) {
  const rows = await store.database.sql`select kind, details from notices where account_id = ${accountId} order by id`
  return rows.map(({ kind, details }) => ({ kind, details }))
}

async function audited(accountId: Id<'account'>): Promise<string[]> {
  const facts = await listAudited(store.database)
  return facts.filter((fact) => fact.accountId === accountId).map((fact) => fact.action)
}

describe('the owner is told of', () => {
  it('two logins from farther apart than anybody travels, and of where the other was', async () => {
    const { id } = await makeAccount(store.database)
    await remember(id, { minutesAgo: 30 })
    await logIn(id, japanese)
    expect(await told(id)).toEqual([
      { kind: 'impossible_travel', details: { formerCountry: 'US', minutesBetween: 30 } },
    ])
    expect(await audited(id)).toContain('authn_impossible_travel')
  })

  it('a new country, where there was time to travel', async () => {
    const { id } = await makeAccount(store.database)
    await remember(id, { minutesAgo: 24 * 60 })
    await logIn(id, japanese)
    expect(await told(id)).toEqual([{ kind: 'new_country', details: {} }])
  })

  it('a new device', async () => {
    const { id } = await makeAccount(store.database)
    await remember(id, { minutesAgo: 60, device: 'Safari on iOS' })
    await logIn(id)
    expect(await told(id)).toEqual([{ kind: 'new_device', details: {} }])
  })

  it('a login after five failures since the last good one, and of how many there were', async () => {
    const { id } = await makeAccount(store.database)
    const failures = [50, 40, 30, 20, 10].map((minutesAgo) => ({ outcome: 'wrong_password' as const, minutesAgo }))
    await remember(id, { outcome: 'throttled', minutesAgo: 70 }, { minutesAgo: 60 }, ...failures)
    await logIn(id)
    await logIn(id)
    expect(await told(id)).toEqual([{ kind: 'login_after_failures', details: { failures: 5 } }])
    expect(await audited(id)).toContain('authn_login_successafterfail')
  })

  it('a login after more than ninety days without one', async () => {
    const { id } = await makeAccount(store.database)
    await store.database.sql`update accounts set created_at = now() - interval '200 days' where id = ${id}`
    await logIn(id)
    await logIn(id)
    expect(await told(id)).toEqual([{ kind: 'login_after_absence', details: { inactiveDays: 200 } }])
  })

  it('nothing where all is as ever, and nothing of the first login', async () => {
    const { id } = await makeAccount(store.database)
    await logIn(id)
    await logIn(id)
    expect(await told(id)).toEqual([])
  })

  it('a right password with three wrong codes within an hour: once an hour, however many there are at once', async () => {
    const { id } = await makeAccount(store.database)
    await remember(id, { outcome: 'wrong_code', minutesAgo: 90 }, { outcome: 'wrong_code', minutesAgo: 20 })
    const wrong = () =>
      inTransaction(store.database, async (tx) => {
        await lockAccount(tx, id)
        await tx.sql`
          insert into login_events (id, account_id, outcome, factors, device)
          values (${newUuid()}, ${id}, 'wrong_code', 'password', ${firefox})`
        await tellWrongCodes(tx, id, american)
      })
    await wrong()
    expect(await told(id)).toEqual([])
    await Promise.all(Array.from({ length: 20 }, wrong))
    expect(await told(id)).toEqual([{ kind: 'second_factor_failed', details: { failures: 3 } }])
  })

  it.each([
    [4, ['backup_code_used']],
    [3, ['backup_code_used', 'backup_codes_low']],
    [0, ['backup_code_used', 'backup_codes_low']],
  ])('the use of a backup code, and that few are left: of %i left %j', async (left, kinds) => {
    const { id } = await makeAccount(store.database)
    await inTransaction(store.database, async (tx) => {
      await replaceBackupCodes(
        tx,
        id,
        Array.from({ length: left }, (_, place) => `hash ${place}`),
      )
      await tellBackupCodeUsed(tx, id, american)
    })
    expect(await told(id)).toEqual(kinds.map((kind) => ({ kind, details: { left } })))
  })
})
