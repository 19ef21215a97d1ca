import type { Id } from '@portcullis/contracts/ids'
import { lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { LockdownRow } from '@portcullis/db/queries/lockdown'
import { listUnconfirmedHosts } from '@portcullis/db/queries/lockdown-report'
import { inTransaction } from '@portcullis/db/transaction'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeCaller, makeSession } from '@portcullis/testkit/factory'
import {
  type FullAccount,
  lockdownActions,
  lockdownCounts,
  makeCredentials,
  makeFullAccount,
} from '@portcullis/testkit/full-account'
import { tellOfLockdown } from '@portcullis/testkit/teller'
import { describe, expect, it } from 'vitest'
import { fetchAuthorizedKeys } from '../rental/fetch-keys.ts'
import { openLockdown } from './open.ts'
import { runLockdownStep } from './run-step.ts'
import { createLockdownRunner } from './run.ts'

const store = useDatabase()
const noFailpoint = () => {}

function createRunner() {
  return createLockdownRunner({
    database: store.database,
    failpoint: noFailpoint,
    onStepFailed: (error) => String(error),
  })
}

async function open(accountId: Id<'account'>, compromisedSince: Date | null = null): Promise<LockdownRow> {
  const opened = await inTransaction(store.database, (tx) =>
    openLockdown(tx, {
      accountId,
      trigger: 'admin',
      reason: 'a test',
      compromisedSince,
      actor: 'admin',
      caller: makeCaller(),
    }),
  )
  if (!opened) throw new Error('not opened')
  return opened.lockdown
}

async function openOfFull(
  given: Parameters<typeof makeFullAccount>[1] = {},
): Promise<{ account: FullAccount; id: Id<'lockdown'> }> {
  const account = await makeFullAccount(store.database, given)
  return { account, id: (await open(account.id)).id }
}

async function stepsOf(id: Id<'lockdown'>) {
  const rows = await store.database.sql<
    {
      step: string
      state: string
      counts: unknown
      proof: Record<string, unknown>
      code: string | null
      attempts: number
    }[]
  >`select step, state, counts, proof, last_error_code as code, attempts from lockdown_steps where lockdown_id = ${id}`
  return new Map(rows.map((row) => [row.step, row]))
}

async function countsOf(id: Id<'lockdown'>) {
  return Object.fromEntries([...(await stepsOf(id))].map(([step, { counts }]) => [step, counts]))
}

async function actionsOf(accountId: Id<'account'>): Promise<Record<string, number>> {
  const rows = await store.database.sql<{ action: string; count: number }[]>`
    select action, count(*)::int as count from audit_events where account_id = ${accountId} group by action`
  return Object.fromEntries(rows.map(({ action, count }) => [action, count]))
}

describe('a lockdown', () => {
  it('is done and proven step by step, waits for the tellers, and is contained when they have told', async () => {
    const { account, id } = await openOfFull()
    const run = createRunner()
    expect(await run(id)).toEqual({ kind: 'awaited', steps: ['owner', 'support'] })
    await tellOfLockdown(store.database, id)
    expect(await run(id)).toEqual({ kind: 'contained' })
    expect(await countsOf(id)).toEqual(lockdownCounts)
    const steps = await stepsOf(id)
    expect([...steps.values()].every(({ state }) => state === 'proven')).toBe(true)
    expect(steps.get('sessions')?.proof).toEqual({ living: 0 })
    expect(steps.get('ssh_keys')?.proof).toEqual({
      living: 0,
      onRentals: 0,
      unconfirmedRentals: account.rentals.toSorted(),
    })
    expect(steps.get('second_factor')?.proof).toEqual({ kept: true, suspect: false, backupCodes: 10 })
    expect(steps.get('review')?.proof).toMatchObject({ items: 61, missing: 0, misjudged: 0 })
    const [row] = await store.database.sql`
      select lockdowns.state, status, done, total, contained_at is not null as contained, ended_at is not null as ended
      from lockdowns join operations using (id) where id = ${id}`
    const total = lockdownStepNames.length
    expect(row).toEqual({ state: 'contained', status: 'done', done: total, total, contained: true, ended: true })
    expect(await actionsOf(account.id)).toEqual(lockdownActions)
  })

  it('run fifty times at once, by two processes, has each effect once and counts it once', async () => {
    const { account, id } = await openOfFull()
    await tellOfLockdown(store.database, id)
    const runs = [createRunner(), createRunner()]
    const ends = await Promise.all(Array.from({ length: 50 }, (_, at) => runs[at % 2]!(id)))
    expect(ends.every(({ kind }) => kind === 'contained')).toBe(true)
    expect(await countsOf(id)).toEqual(lockdownCounts)
    expect(await actionsOf(account.id)).toEqual(lockdownActions)
    const former = await store.database.sql`select id from former_passwords where account_id = ${account.id}`
    expect(former).toHaveLength(1)
  })

  it('of many accounts at once touches each one’s own, and nobody else’s', async () => {
    const bystander = await makeFullAccount(store.database)
    const opened = await Promise.all(Array.from({ length: 12 }, () => openOfFull()))
    const run = createRunner()
    await Promise.all(opened.map(({ id }) => run(id)))
    for (const { id } of opened) expect(await countsOf(id)).toEqual(lockdownCounts)
    const [left] = await store.database.sql`
      select (select count(*)::int from sessions where account_id = ${bystander.id} and revoked_at is null) as sessions,
        (select count(*)::int from api_keys where account_id = ${bystander.id} and revoked_at is null) as "apiKeys",
        (select count(*)::int from ssh_keys where account_id = ${bystander.id} and revoked_at is null) as "sshKeys",
        (select count(*)::int from rental_keys join rentals on rentals.id = rental_id
          where account_id = ${bystander.id} and state = 'deployed') as deployed,
        (select count(*)::int from known_devices where account_id = ${bystander.id}) as devices,
        (select password_hash is not null from accounts where id = ${bystander.id}) as password`
    expect(left).toEqual({ sessions: 50, apiKeys: 3, sshKeys: 3, deployed: 6, devices: 2, password: true })
  })

  it('names the rented servers that have not asked since, until they have, and gives them nothing', async () => {
    const { account, id } = await openOfFull({ sessions: 1 })
    await createRunner()(id)
    const { database } = store
    const names = async () => (await listUnconfirmedHosts(database, id)).map(({ rentalId }) => rentalId)
    expect(await names()).toEqual(account.rentals.toSorted())
    // Asked, a host is refused, and lets nobody in.
    const rental = { id: account.rentals[0]!, accountId: account.id, accountState: 'locked' } as const
    expect(await fetchAuthorizedKeys(database, rental, makeCaller())).toBeUndefined()
    expect(await names()).toEqual([account.rentals[1]])
  })

  it('a step that fails holds up no other, is written down with its code, and is done when it can be', async () => {
    const { id } = await openOfFull()
    const { database } = store
    await database.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'P0042'; end $$;
      create trigger refuse before update on api_keys for each row execute function refuse()`)
    const run = createLockdownRunner({ database, failpoint: noFailpoint, onStepFailed: () => 'p0042' })
    try {
      expect(await run(id)).toEqual({ kind: 'unproven', steps: ['api_keys'] })
    } finally {
      await database.sql.unsafe('drop trigger refuse on api_keys; drop function refuse')
    }
    const steps = await stepsOf(id)
    expect(steps.get('api_keys')).toMatchObject({ state: 'pending', code: 'p0042', attempts: 1 })
    expect(steps.get('ssh_keys')).toMatchObject({ state: 'proven', counts: { revoked: 3, withdrawn: 6 } })
    expect(await run(id)).toMatchObject({ kind: 'awaited' })
    expect((await stepsOf(id)).get('api_keys')).toMatchObject({ state: 'proven', code: null, counts: { revoked: 3 } })
  })

  it('takes a second factor away that was enrolled within the suspect window, and keeps an older one', async () => {
    const run = createRunner()
    const suspect = await openOfFull({ factorDaysAgo: 1, sessions: 1 })
    await run(suspect.id)
    const step = (await stepsOf(suspect.id)).get('second_factor')
    expect(step).toMatchObject({
      counts: { factors: 1, enrolments: 0, backupCodes: 10 },
      proof: { kept: false, backupCodes: 0 },
    })
    const facts = await listAudited(store.database, suspect.account.id)
    expect(facts.map(({ action }) => action)).toContain('authn_factor_deleted')
  })

  it('that a further trigger joins, which reaches further back, looks again at what goes by the suspect window', async () => {
    const { account, id } = await openOfFull({ factorDaysAgo: 20, sessions: 1 })
    const run = createRunner()
    await tellOfLockdown(store.database, id)
    expect(await run(id)).toEqual({ kind: 'contained' })
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
    const again = await open(account.id, daysAgo(25))
    expect(again.id).toBe(id)
    expect(await run(id)).toEqual({ kind: 'contained' })
    const steps = await stepsOf(id)
    expect(steps.get('second_factor')).toMatchObject({ counts: { factors: 1, backupCodes: 10 }, state: 'proven' })
    expect(steps.get('sessions')).toMatchObject({ counts: { revoked: 1 }, attempts: 1 })
    expect(steps.get('review')?.proof).toMatchObject({ misjudged: 0, missing: 0 })
    const [row] = await store.database
      .sql`select state, status from lockdowns join operations using (id) where id = ${id}`
    expect(row).toEqual({ state: 'contained', status: 'done' })
  })

  it('a late repeat of any step, after the recovery, touches nothing that was made since', async () => {
    const { account, id } = await openOfFull()
    const { database } = store
    await tellOfLockdown(database, id)
    await createRunner()(id)
    await recover(account.id, id)
    await makeCredentials(database, account.id, 50)
    await database.sql`
      insert into totp_factors (account_id, secret_sealed, confirmed_at) values (${account.id}, 'new', now())
      on conflict (account_id) do update set confirmed_at = now(), secret_sealed = 'new'`
    await database.sql`
      insert into password_resets (id, account_id, salt, token_hash, state, ready_at, expires_at)
      values (uuidv7(), ${account.id}, 'salt', ${account.id}, 'ready', now(), now() + interval '30 minutes')`
    await database.sql`
      insert into known_devices (id, account_id, token_hash) values (uuidv7(), ${account.id}, 'a token')`
    const before = await livingOf(account.id)
    // As if no step had ever been proven: a job from before, in the hands of a worker that slept.
    await database.sql`update lockdown_steps set state = 'pending' where lockdown_id = ${id}`
    for (const step of lockdownStepNames)
      await inTransaction(database, (tx) => runLockdownStep(tx, step, [id], noFailpoint))
    expect(before).toMatchObject({ sessions: 50, apiKeys: 3, sshKeys: 3, factors: 1, resets: 1, password: 'a new one' })
    expect(await livingOf(account.id)).toEqual(before)
    expect(await countsOf(id)).toEqual(lockdownCounts)
  })
})

/** The end of a recovery, as far as it matters here. */
async function recover(accountId: Id<'account'>, id: Id<'lockdown'>): Promise<void> {
  await inTransaction(store.database, async (tx) => {
    await tx.sql`
      update accounts set state = 'active', password_hash = 'a new one', password_compromised_at = null where id = ${accountId}`
    await tx.sql`update lockdowns set state = 'recovered', recovery = 'done', recovered_at = now() where id = ${id}`
  })
}

async function livingOf(accountId: Id<'account'>) {
  const id = accountId
  const [row] = await store.database.sql`
    select (select count(*)::int from sessions where account_id = ${id} and revoked_at is null) as sessions,
      (select count(*)::int from api_keys where account_id = ${id} and revoked_at is null) as "apiKeys",
      (select count(*)::int from ssh_keys where account_id = ${id} and revoked_at is null) as "sshKeys",
      (select count(*)::int from totp_factors where account_id = ${id} and confirmed_at is not null) as factors,
      (select count(*)::int from backup_codes where account_id = ${id}) as codes,
      (select count(*)::int from password_resets where account_id = ${id} and state = 'ready') as resets,
      (select count(*)::int from known_devices where account_id = ${id}) as devices,
      (select password_hash from accounts where id = ${id}) as password`
  return row
}

it('what a session was before the lockdown decides, not when the step comes to it', async () => {
  const { account, id } = await openOfFull({ sessions: 2 })
  // Nothing can be issued while the account is locked; were it, under the new epoch, it would not be the lockdown's.
  await makeSession(store.database, account.id)
  await createRunner()(id)
  const steps = await stepsOf(id)
  expect(steps.get('sessions')).toMatchObject({ counts: { revoked: 2 }, proof: { living: 0 } })
})
