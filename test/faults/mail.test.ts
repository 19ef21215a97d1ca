import { createTestDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'
import { acceptedOf, askOnce } from './caller.ts'
import { expectKept, expectNoCrash, makeOwners, untilWorkedOff } from './oracle.ts'
import { openSink, type SmtpSink } from './smtp-sink.ts'

let store: Awaited<ReturnType<typeof createTestDatabase>>
let sink: SmtpSink
let house: House

beforeAll(async () => {
  store = await createTestDatabase()
  sink = await openSink()
  house = await openHouse({ databaseUrl: store.url, smtpUrl: sink.url, env: { MAIL_TIMEOUT_MS: '3000' } })
})
afterAll(async () => {
  await house?.close()
  await sink?.close()
  await store?.drop()
})

interface JobRow {
  readonly state: string
  readonly attempts: number
  readonly code: string | null
  readonly tries: number
}

/** The reset jobs of these owners, with the attempts that their mail record counted. */
async function jobsOf(emails: readonly string[]): Promise<JobRow[]> {
  const rows = await store.database.sql<JobRow[]>`
    select job.state, job.attempts, job.last_error_code as code, mail.attempts as tries
    from jobs as job join password_resets as reset on reset.id::text = job.payload->>'passwordResetId'
    join accounts as account on account.id = reset.account_id join mail_deliveries as mail on mail.job_id = job.id
    where account.email = any(${[...emails]})`
  return [...rows]
}

async function ask(emails: readonly string[]): Promise<void> {
  const answers = await Promise.all(emails.map((email) => askOnce(house.gateway, email)))
  expect(acceptedOf(answers)).toEqual(emails)
}

describe('a mail server that fails', () => {
  it('away for some seconds: the mail arrives once it is back, and every attempt is counted', async () => {
    const emails = await makeOwners(store.database, 4)
    await sink.leave()
    await ask(emails)
    // An attempt is counted when it begins; one that waits for its next has failed.
    await until('each has failed twice at least', async () => {
      const jobs = await jobsOf(emails)
      const failed = jobs.filter((job) => job.state === 'pending' && job.attempts >= 2 && job.code?.startsWith('smtp_'))
      return failed.length === 4
    })
    expect(sink.taken).toEqual([])
    await sink.comeBack()
    await untilWorkedOff(store.database)
    expect(await expectKept(store.database, sink, emails)).toEqual({ accepted: 4, extraCopies: 0 })
    for (const job of await jobsOf(emails)) {
      expect(job).toEqual({ state: 'done', attempts: job.tries, code: null, tries: expect.any(Number) })
      expect(job.attempts).toBeGreaterThanOrEqual(3)
    }
  })

  it('a reset after the final dot: the same mail again under the same Message-ID, one extra copy at most', async () => {
    const emails = await makeOwners(store.database, 3)
    for (const email of emails) sink.resetAfterDot(email)
    await ask(emails)
    await untilWorkedOff(store.database)
    const kept = await expectKept(store.database, sink, emails)
    expect(kept).toEqual({ accepted: 3, extraCopies: 3 })
    for (const email of emails) expect(sink.copiesFor(email)).toHaveLength(2)
    for (const job of await jobsOf(emails)) expect(job).toEqual({ state: 'done', attempts: 2, code: null, tries: 2 })
  })

  it('a recipient refused for good (5xx): the job is dead as smtp_refused, and nothing is tried again', async () => {
    const [refused, other] = await makeOwners(store.database, 2)
    sink.refuse(String(refused))
    await ask([String(refused)])
    await until('the job is dead', async () => (await jobsOf([String(refused)]))[0]?.state === 'dead')
    // A whole way later it would have been tried again: the first retry of any job is due within a second.
    sink.resetAfterDot(String(other))
    await ask([String(other)])
    await until('another job was retried meanwhile', async () => sink.copiesFor(String(other)).length === 2)
    await untilWorkedOff(store.database)
    expect(await jobsOf([String(refused)])).toEqual([{ state: 'dead', attempts: 1, code: 'smtp_refused', tries: 1 }])
    expect(sink.triesOf(String(refused))).toBe(1)
    expectNoCrash(house.logs())
  })
})
