import { connectDatabase, type Database } from '@portcullis/db/connect'
import { insertJobs } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import { messages } from '@portcullis/contracts/messages/index'
import type { Handler, HandlersFor } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import { startWorker } from '@portcullis/queue/worker'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { newTraceparent } from '@portcullis/runtime/tracing'
import { play } from './play.ts'

/** Both ends of the ledger; started once as the one that enqueues and once as the worker. */
export type Ledger = {
  open(input: { databaseUrl: string; worker?: { redisUrl: string; prefix: string; concurrency: number } }): void
  /** Enqueues jobs in transactions of `chunk` rows, one after another. */
  enqueue(input: { count: number; chunk: number }): Promise<void>
  /** Resolves when `count` more jobs were handled and the ledger says that none is left. */
  until(input: { count: number }): Promise<void>
}

let database: Database | undefined
let handled = 0
let waiting: { count: number; resolve: () => void } | undefined

/** Does nothing: what is measured is the way there and back. */
const handler: Handler<'send.notice'> = {
  kind: 'transaction',
  async work(_tx, jobs) {
    handled += jobs.length
    if (waiting && handled >= waiting.count) waiting.resolve()
    return jobs.map(() => done)
  },
}

const handlers: HandlersFor<'notifier'> = {
  'send.notice': handler,
  'registration.requested': { kind: 'transaction', work: async (_tx, jobs) => jobs.map(() => done) },
  'deliver.webhook': { kind: 'transaction', work: async (_tx, jobs) => jobs.map(() => done) },
  'email.changing': { kind: 'transaction', work: async (_tx, jobs) => jobs.map(() => done) },
  'tell.support': { kind: 'transaction', work: async (_tx, jobs) => jobs.map(() => done) },
}

function theDatabase(): Database {
  if (!database) throw new Error('not open')
  return database
}

play<Ledger>({
  open({ databaseUrl, worker }) {
    database = connectDatabase({ url: databaseUrl, name: 'bench' })
    if (!worker) return
    startWorker({
      service: 'notifier',
      handlers,
      database,
      databaseUrl,
      ...worker,
      log: createLogger({ service: 'bench', level: 'error' }),
      onWedged: (reason) => {
        throw new Error(reason)
      },
    })
  },
  async enqueue({ count, chunk }) {
    const { version, priority } = messages['send.notice']
    for (let at = 0; at < count; at += chunk) {
      const jobs = Array.from({ length: Math.min(chunk, count - at) }, () => ({
        id: newId('job'),
        message: 'send.notice',
        version,
        hearer: 'notifier' as const,
        payload: { noticeId: newId('notice') },
        priority,
        traceparent: newTraceparent(),
      }))
      await inTransaction(theDatabase(), (tx) => insertJobs(tx, jobs))
    }
  },
  async until({ count }) {
    const all = Promise.withResolvers<void>()
    waiting = { count, resolve: all.resolve }
    if (handled >= count) all.resolve()
    await all.promise
    handled = 0
    waiting = undefined
    // The handler is called before its transaction is committed.
    for (;;) {
      const left = await theDatabase().sql`
        select from jobs where state in ('pending', 'published') and message = 'send.notice' limit 1`
      if (left.length === 0) return
    }
  },
})
