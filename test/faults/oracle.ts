import type { Database } from '@portcullis/db/connect'
import { findUsableReset } from '@portcullis/db/queries/password-reset'
import { inTransaction } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { makeAccount } from '@portcullis/testkit/factory'
import { expect } from 'vitest'
import { until } from '../house.ts'
import type { SmtpSink } from './smtp-sink.ts'

/** Makes so many accounts and tells their addresses. */
export async function makeOwners(database: Database, count: number): Promise<string[]> {
  return inTransaction(database, async (tx) => {
    const made = await Promise.all(Array.from({ length: count }, () => makeAccount(tx)))
    return made.map((owner) => owner.email)
  })
}

/** Waits until the ledger has no unfinished job. Gives the seconds that it took; a failure names what is left. */
export async function untilWorkedOff(database: Database, withinMs = 60_000): Promise<number> {
  const beganMs = performance.now()
  let left: unknown[] = []
  await until(
    'no job is unfinished',
    async () => {
      left = await database.sql`
        select id, message, state, generation, epoch, attempts, last_error_code, run_at, lease_until from jobs
        where state in ('pending', 'published') limit 5`.catch(() => ['the store is away'])
      return left.length === 0
    },
    withinMs,
  ).catch((error: unknown) => {
    throw new Error(`unfinished: ${JSON.stringify(left)}`, { cause: error })
  })
  return (performance.now() - beganMs) / 1000
}

/** What came of accepted requests. */
export interface Kept {
  readonly accepted: number
  /** Copies beyond the first of each mail. */
  readonly extraCopies: number
}

/**
 * Expects that each accepted request, one for each address, has come to exactly one usable token, mailed at least once,
 * all copies under one Message-ID and with one link; and that requests that were not accepted came to one or none.
 */
export async function expectKept(
  database: Database,
  sink: SmtpSink,
  accepted: readonly string[],
  all: readonly string[] = accepted,
): Promise<Kept> {
  const rows = await database.sql<
    { email: string; state: string; tokenHash: Buffer; messageId: string; sent: boolean }[]
  >`
    select account.email, reset.state, reset.token_hash as "tokenHash", mail.message_id as "messageId",
      mail.sent_at is not null as sent
    from password_resets as reset join accounts as account on account.id = reset.account_id
    left join jobs as job on job.payload->>'passwordResetId' = reset.id::text
    left join mail_deliveries as mail on mail.job_id = job.id
    where account.email = any(${[...all]})`
  const byEmail = Map.groupBy(rows, (row) => row.email)
  const copies = Map.groupBy(sink.taken, (mail) => mail.to)
  const wrong: unknown[] = []
  for (const email of all) {
    const resets = byEmail.get(email) ?? []
    const mails = copies.get(email) ?? []
    if (resets.length === 0 && mails.length === 0 && !accepted.includes(email)) continue
    const [reset] = resets
    const [mail] = mails
    const good =
      resets.length === 1 &&
      reset?.state === 'ready' &&
      reset.sent &&
      mail?.token !== undefined &&
      sha256(mail.token).equals(reset.tokenHash) &&
      mails.every((one) => one.token === mail.token && one.messageId === reset.messageId) &&
      (await findUsableReset(database, sha256(mail.token)))?.email === email
    if (!good) wrong.push({ email, resets, mails: mails.map((one) => one.messageId) })
  }
  expect(wrong, 'requests that did not come to one usable token in one mail').toEqual([])
  expect(await database.sql`select message, state, last_error_code from jobs where state <> 'done'`).toEqual([])
  const mailed = sink.taken.filter((mail) => all.includes(mail.to))
  return { accepted: accepted.length, extraCopies: mailed.length - new Set(mailed.map((mail) => mail.messageId)).size }
}

/** No service said that it died: whatever ended was ended from outside. */
export function expectNoCrash(logs: string): void {
  expect(logs.split('\n').filter((line) => line.includes('"level":"fatal"'))).toEqual([])
}
