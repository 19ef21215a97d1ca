import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { signatureCheckBy } from '@portcullis/domain/audit/signature'
import { signWebhook } from '@portcullis/domain/webhook/signature'
import type { HandlersFor } from '@portcullis/queue/handler'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { createOutbound } from '@portcullis/runtime/outbound'
import { makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { enqueue } from '@portcullis/testkit/ledger'
import { perform } from '@portcullis/testkit/perform'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { handleAnchorSeal } from './handle.ts'

const store = useDatabase()
const keys = makeAuditKeys()
const secret = Buffer.alloc(32, 5)
const outbound = createOutbound({ allowPrivate: true })
const received: { readonly headers: Record<string, unknown>; readonly body: string }[] = []
let answers = 204
let server: Server
let url = ''

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ headers: request.headers, body })
    response.writeHead(answers).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/seals`
})
afterAll(async () => {
  await outbound.close()
  server.close()
})
beforeEach(async () => {
  answers = 204
  received.length = 0
  await store.database.sql`truncate audit_events, audit_chain, audit_seals, jobs`
})

async function tick(target: { url: string; secret: Uint8Array } | undefined = { url, secret }) {
  const handlers = {
    'anchor.seal': handleAnchorSeal({ target, outbound, clock: systemClock }),
  } as HandlersFor<'sweeper'>
  await enqueue(store.database, { message: 'anchor.seal', hearer: 'sweeper', payload: {} })
  return perform(store.database, 'sweeper', handlers)
}

async function sealSome(count: number) {
  await recordEach(
    store.database,
    Array.from({ length: count }, () => makeFact(newId('account'))),
  )
  await sealAll(store.database, keys)
}

async function anchored(): Promise<number[]> {
  const rows = await store.database.sql<{ seal: number }[]>`
    select seal::int4 as seal from audit_seals where anchored_at is not null order by audit_seals.seal`
  return rows.map((row) => row.seal)
}

it('the newest seal reaches the anchor once, signed twice: as a webhook and as a seal', async () => {
  await sealSome(2)
  await sealSome(3)
  expect(await tick()).toMatchObject([{ state: 'done', code: null }])
  expect(await tick()).toMatchObject([{ state: 'done', code: 'nothing_new' }])
  expect([received.length, await anchored()]).toEqual([1, [2]])
  const { headers, body } = received[0] ?? { headers: {}, body: '' }
  const timestampSeconds = Number(headers['webhook-timestamp'])
  expect(headers['webhook-signature']).toBe(signWebhook([secret], { id: 'seal_2', timestampSeconds, body }))
  const { type, data } = JSON.parse(body)
  const { signature, ...content } = data
  expect(type).toBe('audit.sealed')
  expect(signatureCheckBy(keys.published)('audit-seal:v1', content, signature)).toBe('good')
  expect(content).toMatchObject({ seal: 2, firstSequence: 3, lastSequence: 5, events: 3 })
})

it('an anchor that refuses has nothing, and is asked again under the same id', async () => {
  await sealSome(1)
  answers = 500
  expect(await tick()).toMatchObject([{ state: 'pending', attempts: 1, code: 'http_500' }])
  expect(await anchored()).toEqual([])
  answers = 200
  expect((await tick()).at(-1)).toMatchObject({ state: 'done' })
  expect(await anchored()).toEqual([1])
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['seal_1', 'seal_1'])
})

it('without an anchor, or without a seal, nothing is posted', async () => {
  expect(await tick()).toMatchObject([{ state: 'done', code: 'nothing_new' }])
  await sealSome(1)
  const handlers = {
    'anchor.seal': handleAnchorSeal({ target: undefined, outbound, clock: systemClock }),
  } as HandlersFor<'sweeper'>
  await enqueue(store.database, { message: 'anchor.seal', hearer: 'sweeper', payload: {} })
  expect(await perform(store.database, 'sweeper', handlers)).toMatchObject([{ state: 'done', code: 'not_configured' }])
  expect([received.length, await anchored()]).toEqual([0, []])
})
