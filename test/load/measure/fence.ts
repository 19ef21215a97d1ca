import { freePort } from '@portcullis/local/free-port'
import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { startService } from '../process.ts'
import { median } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import { draft, makeAdmin, openPatient } from './bulk-ground.ts'
import type { Bench } from './measurement.ts'

const rounds = 15
/** As many as need no second admin: what is measured is the start, which does the same for a million. */
const accounts = 900

/** From the moment that an admin sends the start to the first refusal of somebody else's session, over HTTP. */
export async function measureFence({ ground, say, later }: Bench): Promise<Row[]> {
  const databaseUrl = await ground.makeDatabase()
  const database = openPatient(databaseUrl)
  later(() => database.close())
  await database.sql`
    insert into accounts (id, email, email_key, name, password_changed_at)
    select md5('account' || n)::uuid, n || '@example.com', n || '@example.com', 'Ada Owner', now()
    from generate_series(1, ${accounts}::int) as n`
  const port = await freePort()
  const gateway = await startService('gateway', { databaseUrl, gatewayPort: port, logDir: ground.logDir })
  later(() => gateway.stop())
  const url = `http://127.0.0.1:${port}`
  const ours: number[] = []
  const baseline: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const tookMs = await fenceOnce(database, url, `admin${round}`)
    const began = performance.now()
    await database.sql`update fences set epoch = epoch + 1`
    const bareMs = performance.now() - began
    if (round === 0) continue
    ours.push(tookMs)
    baseline.push(bareMs)
  }
  say(`worst ${Math.max(...ours).toFixed(1)} ms`)
  return [
    makeRow({
      name: 'fence',
      ours: median(ours),
      baseline: median(baseline),
      unit: 'ms',
      goal: { oursBelow: 50 },
      conditions: [
        `from sending POST …/start to the first 401 of another account's session, asked without a break on a connection of its own; median of ${rounds} rounds, worst ${Math.max(...ours).toFixed(1)} ms`,
        `everyone, all kinds, ${accounts} accounts; fence, state, operation, audit event and jobs in one durable transaction`,
        'baseline: the bare write of the fence, committed',
        ...ground.conditions,
      ],
    }),
  ]
}

async function fenceOnce(database: Database, url: string, name: string): Promise<number> {
  const admin = await makeAdmin(database, name)
  const victim = await makeVictim(database)
  const kinds = ['sessions', 'apiKeys', 'sshKeys'] as const
  const id = await draft(database, admin, { selector: { everyone: true }, kinds: [...kinds], fence: true })
  const ask = () => fetch(`${url}/v1/account/session`, { headers: { authorization: `Bearer ${victim}` } })
  if ((await ask()).status !== 200) throw new Error('the session opens nothing before the start')
  const began = performance.now()
  const started = fetch(`${url}/v1/admin/revocations/${formatId('revocation', id)}/start`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
  })
  while ((await ask()).status !== 401) continue
  const tookMs = performance.now() - began
  const { status } = await started
  if (status !== 200) throw new Error(`the start was answered ${status}`)
  return tookMs
}

async function makeVictim({ sql }: Database): Promise<string> {
  const { token, hash } = newSessionToken()
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, global_epoch, expires_at)
    select ${newId('session')}, id, ${hash}, 1, coalesce((select epoch from fences), 1), now() + interval '1 day'
    from accounts where email_key = '1@example.com'`
  return token
}
