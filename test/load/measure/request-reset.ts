import { connectDatabase, type Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { requestPasswordResets } from '@portcullis/domain/reset/request'
import { newId } from '@portcullis/runtime/id'
import { newTraceparent } from '@portcullis/runtime/tracing'

/** Makes so many accounts, and gives their addresses. */
export async function makeAccounts(database: Database, count: number, prefix: string): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, place) => `${prefix}-${place}@example.com`)
  await database.sql`
    insert into accounts (id, email, email_key, name, password_changed_at)
    select id, email, email, 'Ada Owner', now() - interval '1 day'
    from unnest(${emails.map(() => newId('account'))}::uuid[], ${emails}::text[]) as new (id, email)`
  return emails
}

/** Accepts a request for each address, all in one transaction: they are due at the same moment. */
export async function requestAll(database: Database, emails: readonly string[]): Promise<void> {
  await inTransaction(database, async (tx) => {
    const left = [...emails]
    while (left.length > 0) {
      const requests = left.splice(0, 250).map((emailKey) => ({
        emailKey,
        caller: {
          ip: '127.0.0.1',
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          requestId: newId('job'),
          traceparent: newTraceparent(),
        },
      }))
      await requestPasswordResets(tx, requests)
    }
    tx.wakeAfterCommit()
  })
}

/** A connection of the benchmark itself. */
export function openDatabase(url: string): Database {
  return connectDatabase({ url, name: 'bench', poolSize: 2 })
}
