import type { Id } from '@portcullis/contracts/ids'
import { type LockdownStep, lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Queries } from '@portcullis/db/connect'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { type MadeAccount, makeAccount } from './factory.ts'

/** What the steps of a lockdown of a full account count, each effect once, whatever was repeated. */
export const lockdownCounts: Readonly<Record<LockdownStep, Readonly<Record<string, number>>>> = {
  sessions: { revoked: 50 },
  api_keys: { revoked: 3 },
  ssh_keys: { revoked: 3, withdrawn: 6 },
  tokens: { resetLinks: 1, challenges: 1, emailChanges: 1, knownDevices: 1 },
  password: { retired: 1 },
  second_factor: {},
  // 50 sessions, 3 + 3 keys, a login, a factor, a password, a change of address, a transaction.
  review: { gathered: 61 },
  owner: {},
  webhooks: {},
  support: {},
}

/** The audit events of such a lockdown, from its opening until it is contained. */
export const lockdownActions: Readonly<Record<string, number>> = {
  account_locked: 1,
  sessions_revoked: 1,
  api_key_revoked: 3,
  ssh_key_revoked: 3,
  authn_token_revoked: 1,
  authn_password_compromised: 1,
  lockdown_step_proven: lockdownStepNames.length,
  support_told: 1,
  lockdown_contained: 1,
}

/** An account that has one of everything that opens it, or as many as it may. */
export interface FullAccount extends MadeAccount {
  readonly rentals: readonly string[]
}

/**
 * Makes an account of two months ago, whose password was changed just now, with `sessions` (default 50) sessions, 3 API keys, 3 SSH keys on 2 rented servers that have fetched them, a second factor of
 * a month ago with 10 backup codes, a reset link, a login that waits for a code, a change of address that was asked for, a
 * known device of yesterday and one of last month, a login and a reported transaction. All under its present epoch.
 */
export async function makeFullAccount(
  queries: Queries,
  given: { readonly sessions?: number; readonly factorDaysAgo?: number } = {},
): Promise<FullAccount> {
  const account = await makeAccount(queries, {
    passwordHash: `$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$${'A'.repeat(43)}`,
  })
  await queries.sql`update accounts set created_at = now() - interval '60 days' where id = ${account.id}`
  await makeCredentials(queries, account.id, given.sessions ?? 50)
  await makeFactor(queries, account.id, given.factorDaysAgo ?? 30)
  await makeTokens(queries, account)
  const rentals = await makeRentals(queries, account.id)
  return { ...account, rentals }
}

/** Adds the keys and sessions that an account may have, under its present epoch. */
export async function makeCredentials(queries: Queries, accountId: Id<'account'>, sessions: number): Promise<void> {
  const { sql } = queries
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, user_agent, country)
    select uuidv7(), account.id, sha256((account.id::text || ${newUuid()} || n)::bytea), security_epoch,
      now() + interval '30 days', 'Mozilla/5.0', 'AT'
    from accounts as account, generate_series(1, ${sessions}::int) as n where account.id = ${accountId}`
  await sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
    select uuidv7(), account.id, n, 'key ' || n, 'pck_live', 'abcd', sha256((account.id::text || ${newUuid()} || n)::bytea),
      array['account:read'], security_epoch
    from accounts as account, generate_series(1, 3) as n where account.id = ${accountId}`
  await sql`
    insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch)
    select uuidv7(), account.id, n, 'laptop ' || n, 'ssh-ed25519', 'ssh-ed25519 AAAA' || n,
      sha256((account.id::text || ${newUuid()} || n)::bytea), security_epoch
    from accounts as account, generate_series(1, 3) as n where account.id = ${accountId}`
}

async function makeFactor({ sql }: Queries, accountId: Id<'account'>, daysAgo: number): Promise<void> {
  await sql`
    insert into totp_factors (account_id, secret_sealed, confirmed_at)
    values (${accountId}, 'sealed', now() - ${daysAgo} * interval '1 day')`
  await sql`
    insert into backup_codes (account_id, index, code_hash)
    select ${accountId}, n, 'hash ' || n from generate_series(0, 9) as n`
}

async function makeTokens({ sql }: Queries, { id, email, emailKey }: MadeAccount): Promise<void> {
  const bytes = () => randomBytesOf(32)
  await sql`
    insert into password_resets (id, account_id, salt, token_hash, state, ready_at, expires_at)
    values (${newId('passwordReset')}, ${id}, ${bytes()}, ${bytes()}, 'ready', now(), now() + interval '30 minutes')`
  await sql`
    insert into login_challenges (id, account_id, token_hash, epoch, cookie, expires_at)
    select ${newUuid()}, id, ${bytes()}, security_epoch, false, now() + interval '5 minutes' from accounts where id = ${id}`
  await sql`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, confirm_salt, revert_salt,
      epoch, expires_at)
    select ${newId('emailChange')}, id, ${email}, ${emailKey}, ${`other-${email}`}, ${`other-${emailKey}`}, ${bytes()}, ${bytes()},
      security_epoch, now() + interval '1 day' from accounts where id = ${id}`
  await sql`
    insert into known_devices (id, account_id, token_hash, created_at)
    values (${newUuid()}, ${id}, ${bytes()}, now() - interval '1 day'), (${newUuid()}, ${id}, ${bytes()}, now() - interval '30 days')`
  await sql`
    insert into login_events (id, account_id, outcome, factors, network, country, device)
    values (${newUuid()}, ${id}, 'success', 'password', '203.0.113.0/24', 'AT', 'Firefox on Linux')`
  await sql`
    insert into risk_signals (id, client_id, account_id, kind, level, reason, reference, occurred_at, taken)
    values (${newId('riskSignal')}, ${newUuid()}, ${id}, 'transaction', 'high', 'impossible_payment', ${newUuid()},
      now() - interval '1 hour', 'noted')`
}

async function makeRentals({ sql }: Queries, accountId: Id<'account'>): Promise<string[]> {
  const rentals = [1, 2].map((n) => `srv-${n}-${newUuid()}`)
  await sql`
    insert into rentals (id, account_id, host, token_hash)
    select id, ${accountId}, id || '.example.com', sha256(id::bytea) from unnest(${rentals}::text[]) as id`
  await sql`
    insert into rental_keys (rental_id, ssh_key_id, state, confirmed_at)
    select rental.id, ssh_key.id, 'deployed', now() from rentals as rental join ssh_keys as ssh_key using (account_id)
    where account_id = ${accountId} and ssh_key.revoked_at is null`
  return rentals
}
