import { connectDatabase, type Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '@portcullis/domain/audit/record'
import { newId, newUuid } from '@portcullis/runtime/id'
import { play } from './play.ts'

/** Records audit events as verbs do: those of gathered requests in a transaction, on some connections at once. */
export type AuditWriter = {
  open(input: { databaseUrl: string; connections: number }): void
  /** Writes for so long; `perSecond`: no faster than that. Tells how many events, in how many seconds, and how long a transaction took. */
  write(input: { seconds: number; perSecond?: number }): Promise<{ events: number; seconds: number; meanMs: number }>
  /** Waits until every event is sealed. */
  untilSealed(input: { seconds: number }): Promise<void>
  /** Seconds from an event to its seal, of the events with higher numbers than the given one. */
  lag(input: { afterSequence: number }): Promise<{ p50: number; p99: number; events: number; lastSequence: number }>
}

const eventsATransaction = 20

let database: Database | undefined
let connections = 1

function theDatabase(): Database {
  if (!database) throw new Error('not open')
  return database
}

function makeFacts(): Fact[] {
  const accountId = newId('account')
  return Array.from({ length: eventsATransaction }, () => ({
    action: 'session_created',
    accountId,
    actor: 'account',
    actorId: accountId,
    subject: { kind: 'session', id: newUuid() },
    requestId: `req_${newUuid().replaceAll('-', '')}`,
    details: { factors: ['password', 'totp'], device: 'known', evicted: null },
  }))
}

play<AuditWriter>({
  open(input) {
    connections = input.connections
    database = connectDatabase({ url: input.databaseUrl, name: 'bench writer', poolSize: connections })
  },
  async write({ seconds, perSecond }) {
    const began = performance.now()
    const over = began + seconds * 1000
    let [events, tookMs] = [0, 0]
    const work = async () => {
      while (performance.now() < over) {
        // Ahead of its time: it waits for as long as it is ahead.
        const ahead = perSecond === undefined ? 0 : (events / perSecond) * 1000 - (performance.now() - began)
        if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
        events += eventsATransaction
        const started = performance.now()
        await inTransaction(theDatabase(), (tx) => recordFacts(tx, makeFacts()))
        tookMs += performance.now() - started
      }
    }
    await Promise.all(Array.from({ length: connections }, work))
    const transactions = Math.max(1, events / eventsATransaction)
    return { events, seconds: (performance.now() - began) / 1000, meanMs: tookMs / transactions }
  },
  async untilSealed({ seconds }) {
    const end = performance.now() + seconds * 1000
    for (;;) {
      const [row] = await theDatabase().sql<{ left: number }[]>`
        select ((select count(*) from audit_events) - (select count(*) from audit_chain))::int4 as left`
      if (row?.left === 0) return
      if (performance.now() > end) throw new Error(`${row?.left} events were not sealed within ${seconds} s`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  },
  async lag({ afterSequence }) {
    const [row] = await theDatabase().sql<{ p50: number; p99: number; events: number; lastSequence: number }[]>`
      select percentile_disc(0.5) within group (order by late)::float8 as p50,
        percentile_disc(0.99) within group (order by late)::float8 as p99,
        count(*)::int4 as events, max(sequence)::float8 as "lastSequence"
      from (
        select extract(epoch from seal.sealed_at - event.occurred_at) as late, link.sequence
        from audit_chain as link join audit_events as event on event.id = link.event_id
          join audit_seals as seal on seal.seal = link.seal
        where link.sequence > ${afterSequence}
      ) as sealed`
    if (!row) throw new Error('nothing was sealed')
    return row
  },
})
