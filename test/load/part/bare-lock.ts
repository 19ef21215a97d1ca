import { lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import postgres from 'postgres'
import { makeBareMailer } from './bare-mail.ts'
import { play } from './play.ts'

/**
 * The same rows by plain statements, one for each table: one transaction before the answer, one behind it, then the mail. No
 * queue, no ledger to work off, nothing read back, no crash survived.
 */
export type BareLock = {
  /** Listens and gives its port. */
  open(input: { databaseUrl: string; smtpPort: number }): Promise<number>
}

const steps = [...lockdownStepNames]

async function open({ databaseUrl, smtpPort }: Parameters<BareLock['open']>[0]): Promise<number> {
  const sql = postgres(databaseUrl, { max: 10, onnotice: () => {} })
  const mailer = makeBareMailer(smtpPort, 10)
  const app = new Hono()
  app.post('/lock/:account', async (c) => {
    const account = c.req.param('account')
    const { id, email } = await sql.begin((tx) => lock(tx, account))
    setImmediate(() => void finish(sql, account, id).then(() => mailer.send(email)))
    return c.json({ id }, 202)
  })
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}

/** What is written before the answer. */
async function lock(tx: postgres.TransactionSql, account: string): Promise<{ id: string; email: string }> {
  const [locked] = await tx<{ email: string; epoch: number }[]>`
    update accounts set state = 'locked', security_epoch = security_epoch + 1 where id = ${account}
    returning email, security_epoch as epoch`
  if (!locked) throw new Error('there is no such account')
  const [operation] = await tx<{ id: string }[]>`
    insert into operations (id, kind, account_id, actor, total) values (uuidv7(), 'lockdown', ${account}, 'account', 10)
    returning id`
  const id = operation?.id ?? ''
  await tx`
    insert into lockdowns (id, account_id, trigger, compromised_since, epoch, snapshot, txn, recovery_salt)
    select ${id}, ${account}, 'owner', now() - interval '7 days', ${locked.epoch},
      jsonb_build_object('sessions', (select jsonb_agg(id) from sessions where account_id = ${account})), uuidv7(), '\\x00'`
  await tx`
    insert into lockdown_steps (lockdown_id, step, counts) select ${id}, step, '{}' from unnest(${steps}::text[]) as step`
  await tx`
    insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
    values (uuidv7(), 'account_locked', ${account}, 'account', 'lockdown', ${id}, '{}')`
  await tx`
    insert into jobs (id, message, version, hearer, payload, priority, state)
    select uuidv7(), message, 1, 'nobody', '{}', 0, 'done'
    from unnest(${['run.lockdown', 'send.notice', 'tell.support']}::text[]) as message`
  await tx`
    insert into notices (id, account_id, kind, lockdown_id) values (uuidv7(), ${account}, 'account_locked', ${id})`
  return { id, email: locked.email }
}

/** What is written behind it. */
async function finish(sql: postgres.Sql, account: string, id: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`update sessions set revoked_at = now(), revoked_because = 'lockdown' where account_id = ${account}`
    await tx`update api_keys set revoked_at = now(), revoked_because = 'lockdown' where account_id = ${account}`
    await tx`update ssh_keys set revoked_at = now(), revoked_because = 'lockdown' where account_id = ${account}`
    await tx`update accounts set password_hash = null where id = ${account}`
    await tx`
      insert into lockdown_items (id, lockdown_id, kind, subject, occurred_at, summary, suspect)
      select uuidv7(), ${id}, 'session', id::text, created_at, '{}', true from sessions where account_id = ${account}`
    await tx`
      update lockdown_steps set state = 'proven', proof = '{}', acted_at = now(), proven_at = now()
      where lockdown_id = ${id}`
    await tx`update notices set mailed_at = now() where account_id = ${account} and lockdown_id = ${id}`
    await tx`update lockdowns set state = 'contained', contained_at = now() where id = ${id}`
    await tx`update operations set status = 'done', done = 10, ended_at = now() where id = ${id}`
    await tx`
      insert into audit_events (id, action, account_id, actor, subject_kind, subject_id, details)
      select uuidv7(), action, ${account}, 'system', 'lockdown', ${id}, '{}'
      from unnest(${[...steps.map(() => 'lockdown_step_proven'), 'lockdown_contained']}::text[]) as action`
  })
}

play<BareLock>({ open })
