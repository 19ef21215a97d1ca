import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { migrateDatabase } from '@portcullis/db/migrate'
import { type Postgres, startPostgres } from '@portcullis/local/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, type ServiceName, until } from '../house.ts'
import { acceptedOf, type Answered, askOnce } from './caller.ts'
import { expectKept, expectNoCrash, makeOwners, untilWorkedOff } from './oracle.ts'
import { openSink, type SmtpSink } from './smtp-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-store-'))
const names: readonly ServiceName[] = ['gateway', 'relay', 'reset-mailer', 'notifier']
let postgres: Postgres
let database: Database
let sink: SmtpSink
let house: House

beforeAll(async () => {
  // Durable, as a crash of it must lose nothing that was accepted.
  postgres = await startPostgres({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), durable: true })
  await migrateDatabase({ reveal: () => postgres.url })
  database = connectDatabase({ url: postgres.url, name: 'test', poolSize: 3 })
  sink = await openSink()
  house = await openHouse({ databaseUrl: postgres.url, smtpUrl: sink.url, env: { MAIL_TIMEOUT_MS: '500' } })
})
afterAll(async () => {
  await house?.close()
  await sink?.close()
  await database?.close()
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Callers that ask one after another, each for an owner of its own, while something happens to the store. */
async function underLoad(happens: (answers: readonly Answered[]) => Promise<void>): Promise<Answered[]> {
  const emails = await makeOwners(database, 3000)
  const answers: Answered[] = []
  let over = false
  const caller = async (): Promise<void> => {
    while (!over && emails.length > 0) answers.push(await askOnce(house.gateway, String(emails.pop())))
  }
  // The owners are more than these can ask for.
  const callers = [caller(), caller(), caller()]
  await until('the load has begun', async () => acceptedOf(answers).length >= 5)
  await happens(answers)
  const before = acceptedOf(answers).length
  await until('requests are accepted again', async () => acceptedOf(answers).length >= before + 5)
  over = true
  await Promise.all(callers)
  return answers
}

/** Every request got a clear answer: 202, or 503 as a problem that says so. */
function expectClear(answers: readonly Answered[]): void {
  const unclear = answers.filter((one) => {
    if (one.status === 202) return JSON.stringify(one.body) !== '{"status":"accepted"}'
    const problem = one.body as { code?: unknown; status?: unknown } | undefined
    const isProblem = one.type.startsWith('application/problem+json') && problem?.status === 503
    return !(one.status === 503 && isProblem && problem.code === 'store_unavailable')
  })
  expect(unclear).toEqual([])
}

const pids = (): (number | undefined)[] => names.map((name) => house.service(name).pid())

async function expectAllKept(answers: readonly Answered[]): Promise<void> {
  const seconds = await untilWorkedOff(database)
  const all = answers.map((one) => one.email)
  const kept = await expectKept(database, sink, acceptedOf(answers), all)
  console.info('store', { asked: all.length, ...kept, recoveredSeconds: Math.round(seconds * 10) / 10 })
  expectNoCrash(house.logs())
}

describe('the store under load', () => {
  it.each(['fast', 'immediate'] as const)(
    'restarted (%s): 503 and never a false 202, no process ends, and what was accepted is mailed',
    async (mode) => {
      const before = pids()
      const answers = await underLoad(async () => postgres.restart(mode))
      expectClear(answers)
      expect(answers.filter((one) => one.status === 503).length, 'requests while it was away').toBeGreaterThan(0)
      await expectAllKept(answers)
      expect(pids()).toEqual(before)
    },
    60_000,
  )

  it('with its backends terminated every 200 ms: no process ends, and what was accepted is mailed', async () => {
    const before = pids()
    let terminated = 0
    const answers = await underLoad(async () => {
      let lastMs = 0
      await until('backends were terminated often enough', async () => {
        if (performance.now() - lastMs < 200) return false
        lastMs = performance.now()
        const rows = await database.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'portcullis %' and application_name <> 'portcullis test' and datname = current_database()`
        terminated += rows.length
        return terminated >= 100
      })
    })
    expectClear(answers)
    await expectAllKept(answers)
    expect(pids()).toEqual(before)
  }, 60_000)
})
