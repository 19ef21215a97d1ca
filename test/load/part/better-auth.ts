import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { Pool } from 'pg'
import { play } from './play.ts'

/** better-auth as its documentation sets it up on Postgres. */
export type BetterAuth = {
  /** Makes its tables, registers so many people, listens; gives its port and the cookie of each session. */
  open(input: { databaseUrl: string; people: number }): Promise<{ port: number; cookies: string[] }>
}

async function open({ databaseUrl, people }: Parameters<BetterAuth['open']>[0]) {
  const auth = betterAuth({
    database: new Pool({ connectionString: databaseUrl, max: 10 }),
    secret: 'a secret of the benchmark, and of nothing else at all',
    baseURL: 'http://127.0.0.1',
    emailAndPassword: { enabled: true },
    // Each check asks the store, as ours does.
    session: { cookieCache: { enabled: false } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  })
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  const cookies: string[] = []
  for (let person = 0; person < people; person += 1) {
    const { headers } = await auth.api.signUpEmail({
      body: { name: 'Ada Owner', email: `ada-${person}@example.com`, password: 'Correct-horse-7-battery' },
      returnHeaders: true,
    })
    const cookie = headers.getSetCookie().find((one) => one.startsWith('better-auth.session_token='))
    if (cookie === undefined) throw new Error('signing up set no cookie')
    cookies.push(cookie.split(';')[0] ?? '')
  }
  const handle = toNodeHandler(auth)
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on a TCP port has an AddressInfo; text is the address of a pipe.
  const { port } = server.address() as AddressInfo
  const probe = await fetch(`http://127.0.0.1:${port}/api/auth/get-session`, { headers: { cookie: cookies[0] ?? '' } })
  // It answers 200 and `null` where there is no session: that would be an easy check.
  if (!(await probe.text()).includes('ada-0@example.com')) throw new Error('better-auth does not know its own session')
  return { port, cookies }
}

play<BetterAuth>({ open })
