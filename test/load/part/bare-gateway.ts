import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import postgres from 'postgres'
import { makeBareMailer } from './bare-mail.ts'
import { play } from './play.ts'

/** What anybody would write first: one `INSERT` a request, and perhaps a mail behind the answer. */
export type BareGateway = {
  /** Listens and gives its port. */
  open(input: { databaseUrl: string; smtpPort?: number }): Promise<number>
}

async function open({ databaseUrl, smtpPort }: Parameters<BareGateway['open']>[0]): Promise<number> {
  const sql = postgres(databaseUrl, { max: 10, onnotice: () => {} })
  await sql`create table if not exists bare_requests (
    id uuid primary key default uuidv7(), email text not null, asked_at timestamptz not null default now())`
  const mailer = smtpPort === undefined ? undefined : makeBareMailer(smtpPort, 10)
  const app = new Hono()
  app.post('/v1/password-resets', async (c) => {
    const body = await c.req.json<{ email: string }>()
    await sql`insert into bare_requests (email) values (${body.email})`
    if (mailer) setImmediate(() => void mailer.send(body.email))
    return c.json({ status: 'accepted' }, 202)
  })
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}

play<BareGateway>({ open })
