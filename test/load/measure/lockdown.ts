import { setTimeout as wait } from 'node:timers/promises'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { freePort } from '@portcullis/local/free-port'
import { newId } from '@portcullis/runtime/id'
import type { BareLock } from '../part/bare-lock.ts'
import type { Lock } from '../part/lock.ts'
import { nowNs } from '../part/play.ts'
import type { Sink } from '../part/sink.ts'
import { type Part, startPart } from '../part.ts'
import { startService } from '../process.ts'
import { writeRequest } from '../request.ts'
import { quantile } from '../rounds.ts'
import { makeRow, type Row } from '../row.ts'
import type { Bench } from './measurement.ts'
import { openDatabase } from './request-reset.ts'

const aloneCount = 100
const together = 50
const togetherRounds = 6
const sessionsEach = 50
const keysEach = 3
const lookMs = 4

/** An account that is to be locked, and the session that does it. */
interface Target {
  readonly id: Id<'account'>
  readonly token: string
}

/** How long one lockdown took, in milliseconds since its request was sent. */
interface Took {
  readonly answerMs: number
  /** To the moment when it was seen to be contained, its mail handed over. */
  readonly containedMs: number
}

/** One side: locks accounts all at once and waits for the end of each. */
type Side = (targets: readonly Target[]) => Promise<Took[]>

/** How long an account takes from "compromised" to the answer, and to the proof that nothing is left. */
export async function measureLockdown(bench: Bench): Promise<Row[]> {
  const { ground, say, later } = bench
  const lock = await startPart<Lock>('lock')
  later(() => lock.stop())
  const ours = await openOurs(bench, lock)
  const bare = await openBare(bench, lock)
  await ours(5)
  await bare(5)
  say(`${aloneCount} of each side, one after another`)
  const alone = await inTurn(ours, bare, aloneCount, 1)
  say(`${togetherRounds} times ${together} at once, of each side`)
  await ours(together)
  await bare(together)
  const crowd = await inTurn(ours, bare, togetherRounds, together)
  const rowsOf = (name: string, took: Both, goals: { answer: number; contained: number }, how: string) =>
    (['answerMs', 'containedMs'] as const).flatMap((what) =>
      [0.5, 0.99].map((share) => {
        const below = what === 'answerMs' ? goals.answer : goals.contained
        return makeRow({
          name: `lockdown-${what === 'answerMs' ? 'answer' : 'contained'}${name}-p${share * 100}`,
          ours: quantile(
            took.ours.map((one) => one[what]),
            share,
          ),
          baseline: quantile(
            took.bare.map((one) => one[what]),
            share,
          ),
          unit: 'ms',
          goal: share === 0.99 && Number.isFinite(below) ? { oursBelow: below } : { none: true },
          conditions: [how, ...told, ...ground.conditions],
        })
      }),
    )
  return [
    ...rowsOf('', alone, { answer: 25, contained: Infinity }, `${aloneCount} a side in turn, nothing else going on`),
    ...rowsOf(
      `-${together}`,
      crowd,
      { answer: Infinity, contained: 500 },
      `${togetherRounds} rounds of ${together} at once a side, in turn`,
    ),
  ]
}

const told = [
  `accounts with ${sessionsEach} sessions, ${keysEach} API keys, ${keysEach} SSH keys, a second factor and ten backup codes`,
  'contained: ten steps acted, read back and recorded, the mail with the way back taken by a mail server and that recorded',
  `looked for every ${lookMs} ms; gateway, relay, lockdown, notifier run, one process each; no webhooks, no support channel`,
  'baseline: one process, Hono, same driver: one transaction of plain statements, 202, a second one, pooled nodemailer',
]

interface Both {
  readonly ours: Took[]
  readonly bare: Took[]
}

/** The sides in turn, A B B A …, so that the noise of the machine falls on both alike. */
async function inTurn(ours: Locker, bare: Locker, rounds: number, atOnce: number): Promise<Both> {
  const both: Both = { ours: [], bare: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const))
      both[side].push(...(await (side === 'ours' ? ours : bare)(atOnce)))
  }
  return both
}

/** Makes so many accounts, and locks them all at once. */
type Locker = (count: number) => Promise<Took[]>

async function openOurs({ ground, later }: Bench, lock: Part<Lock>): Promise<Locker> {
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const sink = await startPart<Sink>('sink')
  later(() => sink.stop())
  const smtpPort = await sink.ask('open', undefined)
  const gatewayPort = await freePort()
  const { redisUrl, logDir } = ground
  const settings = { databaseUrl, redisUrl, prefix: ground.newPrefix(), smtpPort, gatewayPort, logDir }
  for (const name of ['relay', 'lockdown', 'notifier', 'gateway'] as const) {
    const service = await startService(name, settings)
    later(() => service.stop())
  }
  const write = ({ token }: Target) =>
    writeRequest({
      port: gatewayPort,
      method: 'POST',
      path: '/v1/account/lockdowns',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{}',
    })
  return lockerOf(database, sink, { lock, port: gatewayPort, write })
}

async function openBare({ ground, later }: Bench, lock: Part<Lock>): Promise<Locker> {
  const databaseUrl = await ground.makeDatabase()
  const database = openDatabase(databaseUrl)
  later(() => database.close())
  const [sink, bare] = [await startPart<Sink>('sink'), await startPart<BareLock>('bare-lock')]
  for (const part of [sink, bare]) later(() => part.stop())
  const port = await bare.ask('open', { databaseUrl, smtpPort: await sink.ask('open', undefined) })
  const write = ({ id }: Target) => writeRequest({ port, method: 'POST', path: `/lock/${id}` })
  return lockerOf(database, sink, { lock, port, write })
}

function lockerOf(
  database: Database,
  sink: Part<Sink>,
  how: { readonly lock: Part<Lock>; readonly port: number; readonly write: (target: Target) => string },
): Locker {
  const lockAll: Side = async (targets) => {
    await sink.ask('clear', undefined)
    const requests = targets.map(how.write)
    const [answers, contained] = await Promise.all([
      how.lock.ask('burst', { port: how.port, requests, status: 202 }),
      watchContained(database, targets),
    ])
    await sink.ask('until', { count: targets.length })
    const mails = new Map(await sink.ask('times', undefined))
    return targets.map(({ id }, place) => {
      const { sentNs, answeredNs } = answers[place] ?? { sentNs: Number.NaN, answeredNs: Number.NaN }
      const overNs = Math.max(contained.get(id) ?? Number.NaN, mails.get(`${id}@example.com`) ?? Number.NaN)
      return { answerMs: (answeredNs - sentNs) / 1e6, containedMs: (overNs - sentNs) / 1e6 }
    })
  }
  return async (count) => lockAll(await makeTargets(database, count))
}

/** Looks until all are contained; when each was first seen to be. */
async function watchContained(database: Database, targets: readonly Target[]): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  const untilNs = nowNs() + 60e9
  while (seen.size < targets.length) {
    const left = targets.map(({ id }) => id).filter((id) => !seen.has(id))
    const rows = await database.sql<{ id: string }[]>`
      select account_id as id from lockdowns where account_id = any(${left}::uuid[]) and state = 'contained'`
    for (const { id } of rows) seen.set(id, nowNs())
    if (nowNs() > untilNs) throw new Error(`${targets.length - seen.size} are not contained after a minute`)
    await wait(lookMs)
  }
  return seen
}

/** Makes accounts with all the credentials that an account can have. */
async function makeTargets(database: Database, count: number): Promise<Target[]> {
  const made = Array.from({ length: count }, () => ({ id: newId('account'), ...newSessionToken() }))
  const ids = made.map(({ id }) => id)
  await database.sql`
    with account as (
      insert into accounts (id, email, email_key, name, password_hash, password_changed_at, created_at)
      select id, id || '@example.com', id || '@example.com', 'Ada Owner', '$argon2id$none', now() - interval '30 days',
        now() - interval '30 days'
      from unnest(${ids}::uuid[]) as id
    ), factor as (
      insert into totp_factors (account_id, secret_sealed, created_at, confirmed_at)
      select id, 'sealed', now() - interval '30 days', now() - interval '30 days' from unnest(${ids}::uuid[]) as id
    ), code as (
      insert into backup_codes (account_id, index, code_hash)
      select id, place, 'hash' from unnest(${ids}::uuid[]) as id, generate_series(0, 9) as place
    ), api_key as (
      insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
      select uuidv7(), id, slot, 'Key ' || slot, 'pck_bench', 'last', sha256((id || 'api' || slot)::bytea),
        array['product:servers'], 1
      from unnest(${ids}::uuid[]) as id, generate_series(1, ${keysEach}) as slot
    ), ssh_key as (
      insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch)
      select uuidv7(), id, slot, 'Key ' || slot, 'ssh-ed25519', 'ssh-ed25519 AAAA', sha256((id || 'ssh' || slot)::bytea), 1
      from unnest(${ids}::uuid[]) as id, generate_series(1, ${keysEach}) as slot
    ), other as (
      insert into sessions (id, account_id, token_hash, epoch, user_agent, ip, country, expires_at)
      select uuidv7(), id, sha256((id || 'session' || place)::bytea), 1, 'Firefox', '203.0.113.7', 'DE',
        now() + interval '30 days'
      from unnest(${ids}::uuid[]) as id, generate_series(2, ${sessionsEach}) as place
    )
    insert into sessions (id, account_id, token_hash, epoch, user_agent, ip, country, expires_at)
    select uuidv7(), new.id, decode(new.hash, 'hex'), 1, 'Firefox', '203.0.113.7', 'DE', now() + interval '30 days'
    from unnest(${ids}::uuid[], ${made.map(({ hash }) => hash.toString('hex'))}::text[]) as new (id, hash)`
  return made.map(({ id, token }) => ({ id, token }))
}
