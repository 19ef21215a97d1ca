import type { Database } from '@portcullis/db/connect'
import { insertWebhookEndpoint } from '@portcullis/db/queries/webhook-endpoint'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '@portcullis/domain/audit/record'
import { webhookBody } from '@portcullis/domain/webhook/payload'
import { createWebhookSealer, newWebhookSecret, sealWebhookSecret } from '@portcullis/domain/webhook/secret'
import { newId } from '@portcullis/runtime/id'
import { Secret } from '@portcullis/runtime/secret'
import type { BareHooks } from '../part/bare-hook.ts'
import type { HookSink } from '../part/hook-sink.ts'
import { startPart } from '../part.ts'
import { masterKey, startService } from '../process.ts'
import { interleave, roundCount } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { makeAccounts, openDatabase } from './request-reset.ts'

const endpoints = 4
const events = 500
const count = endpoints * events
const atOnce = 100

/** How many signed webhooks a second reach their receivers when events have piled up. */
export async function measureWebhooks({ ground, say, later }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const sink = await startPart<HookSink>('hook-sink')
  later(() => sink.stop())
  const url = `http://127.0.0.1:${await sink.ask('open', undefined)}/hooks`
  const bare = await startPart<BareHooks>('bare-hook')
  later(() => bare.stop())
  for (let n = 0; n < endpoints; n += 1) await makeEndpoint(database, `${url}/${n}`)
  const [email = ''] = await makeAccounts(database, 1, 'hooks')
  const { redisUrl, logDir } = ground
  // A service refuses private addresses in production, and the sink has one.
  const env = { NODE_ENV: 'test', WEBHOOK_ALLOW_PRIVATE: 'true', JOBS_AT_ONCE: String(atOnce) }
  const settings = { databaseUrl, redisUrl, prefix: ground.newPrefix(), logDir, env }
  for (const name of ['relay', 'notifier'] as const) {
    const service = await startService(name, settings)
    later(() => service.stop())
  }
  const bytes = { ours: 0, baseline: 0 }
  const rate = async (side: keyof typeof bytes, send: () => Promise<void>) => {
    await sink.ask('clear', undefined)
    const [found] = await Promise.all([sink.ask('until', { count }), send()])
    bytes[side] = Math.round(found.bytes / count)
    return (count - 1) / ((found.lastNs - found.firstNs) / 1e9)
  }
  const body = await sampleBody(database, email)
  say(`${count} deliveries a round`)
  const found = await interleave(
    () => rate('ours', () => makeEvents(database, email)),
    () => rate('baseline', () => bare.ask('send', { url, body, count, atOnce })),
  )
  const [handed] = await database.sql<{ times: number }[]>`
    select avg(generation)::float8 as times from jobs where message = 'deliver.webhook'`
  say(`each was handed out ${(handed?.times ?? 0).toFixed(2)} times`)
  if (Math.abs(bytes.ours / bytes.baseline - 1) > 0.02) {
    throw new Error(`the bodies differ: ${bytes.ours} bytes and ${bytes.baseline} bytes`)
  }
  return [
    makeRow({
      name: 'webhooks',
      ...found,
      unit: 'deliveries/s',
      goal: { ratioLeast: 0.8 },
      conditions: [
        `${events} events of ${bytes.ours} bytes to ${endpoints} endpoints, first to last at the receiver, median of ${roundCount} rounds in turn`,
        `events are in the ledger when it starts; one relay, one notifier, ${atOnce} jobs at a time; HTTP without TLS on both sides`,
        `the baseline signs the same body by HMAC and posts it by fetch, ${atOnce} at a time, and records nothing`,
        ...ground.conditions,
      ],
    }),
  ]
}

async function makeEndpoint(database: Database, url: string): Promise<void> {
  const sealer = createWebhookSealer({ MASTER_KEY: new Secret(masterKey), MASTER_KEYS_OLD: [] })
  const id = newId('webhookEndpoint')
  const secretSealed = sealWebhookSecret(sealer, id, newWebhookSecret())
  const wish = { url, description: 'Bench', events: ['session.revoked'], actions: ['session_revoked'] }
  await inTransaction(database, (tx) =>
    insertWebhookEndpoint(tx, { id, ...wish, secretSealed, createdBy: newId('account') }),
  )
}

/** Records events, all in one transaction: their deliveries are due at the same moment. */
async function makeEvents(database: Database, email: string): Promise<void> {
  const [account] = await database.sql<{ id: ReturnType<typeof newId<'account'>> }[]>`
    select id from accounts where email = ${email}`
  const accountId = account?.id ?? null
  const facts = Array.from({ length: events }, () => ({
    action: 'session_revoked' as const,
    accountId,
    actor: 'account' as const,
    subject: { kind: 'session', id: newId('session') },
    details: { because: 'owner' },
  }))
  await inTransaction(database, (tx) => recordFacts(tx, facts))
}

/** A body as the notifier makes it. */
async function sampleBody(database: Database, email: string): Promise<string> {
  const [account] = await database.sql<{ id: ReturnType<typeof newId<'account'>>; at: Date }[]>`
    select id, created_at as at from accounts where email = ${email}`
  const body =
    account &&
    webhookBody({
      id: newId('auditEvent'),
      action: 'session_revoked',
      occurredAt: account.at,
      accountId: account.id,
      actor: 'account',
      subjectKind: 'session',
      subjectId: newId('session'),
      requestId: null,
      details: { because: 'owner' },
    })
  if (body === undefined) throw new Error('there is no body')
  return body
}
