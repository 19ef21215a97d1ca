import { createHash } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import postgres from 'postgres'
import { play } from './play.ts'

/** What anybody would write first: one `SELECT` a request. And the same answer without a database. */
export type BareSession = {
  /** Listens and gives its port. */
  open(input: { databaseUrl: string }): Promise<number>
}

async function open({ databaseUrl }: Parameters<BareSession['open']>[0]): Promise<number> {
  const sql = postgres(databaseUrl, { max: 10, onnotice: () => {} })
  const find = async (token: string) => {
    const hash = createHash('sha256').update(token).digest()
    const [row] = await sql`
      select id, account_id, created_at, last_seen_at, expires_at from sessions
      where token_hash = ${hash} and revoked_at is null and expires_at > now()`
    return row
  }
  const app = new Hono()
  app.get('/session', async (c) => {
    const session = await find(c.req.header('authorization')?.slice('Bearer '.length) ?? '')
    return session ? c.json(session) : c.json({ error: 'unauthorized' }, 401)
  })
  app.post('/introspect', async (c) => {
    const { token } = await c.req.parseBody()
    const session = await find(typeof token === 'string' ? token : '')
    return c.json(
      session ? { active: true, sub: session['account_id'], exp: session['expires_at'] } : { active: false },
    )
  })
  const moment = new Date().toISOString()
  const id = '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'
  app.get('/nothing', (c) =>
    c.json({ id, account_id: id, created_at: moment, last_seen_at: moment, expires_at: moment }),
  )
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}

play<BareSession>({ open })
