import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { accountIdByKey } from './email-change.ts'

/** A request for an account. */
export interface NewRegistration {
  readonly id: Id<'registration'>
  readonly email: string
  readonly emailKey: string
  readonly name: string
  readonly passwordHash: string
  readonly salt: Uint8Array
  readonly ip: string | null
  readonly userAgent: string | null
}

/** Records a request for an account, valid for `validHours`. */
export async function insertRegistration(tx: Tx, registration: NewRegistration, validHours: number): Promise<void> {
  const one = registration
  await tx.sql`
    insert into registrations (id, email, email_key, name, password_hash, salt, ip, user_agent, expires_at)
    values (${one.id}, ${one.email}, ${one.emailKey}, ${one.name}, ${one.passwordHash}, ${one.salt}, ${one.ip},
      ${one.userAgent}, now() + ${validHours} * interval '1 hour')`
}

/** A registration, and the account that its address has already, or can have back, if any. */
export interface RegistrationWithAccount {
  readonly id: Id<'registration'>
  readonly state: 'requested' | 'ready' | 'confirmed' | 'taken' | 'limited'
  readonly salt: Uint8Array
  /** Of the token that was mailed; null before that, and where none was. */
  readonly tokenHash: Uint8Array | null
  readonly email: string
  readonly name: string
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestedAt: Date
  readonly expired: boolean
  readonly accountId: Id<'account'> | null
  readonly accountEmail: string | null
  readonly accountName: string | null
  readonly accountLanguage: string | null
  /** Mails made ready for this address within the last hour. */
  readonly readyLastHour: number
}

/** Reads a registration for the decision what to mail; those of one address are decided one after another. */
export async function findRegistrationForUpdate(
  tx: Tx,
  id: Id<'registration'>,
): Promise<RegistrationWithAccount | undefined> {
  await tx.sql`
    select id from registrations where email_key = (select email_key from registrations where id = ${id})
    order by id for no key update`
  const [row] = await tx.sql<RegistrationWithAccount[]>`
    select one.id, one.state, one.salt, one.token_hash as "tokenHash", one.email, one.name, host(one.ip) as ip, one.user_agent as "userAgent",
      one.requested_at as "requestedAt", one.expires_at < now() as expired, account.id as "accountId",
      case when account.email_key = one.email_key then account.email else one.email end as "accountEmail", account.name as "accountName", account.language as "accountLanguage",
      (select count(*)::int from registrations as other where other.email_key = one.email_key
        and other.requested_at > now() - interval '1 day' and other.ready_at > now() - interval '1 hour') as "readyLastHour"
    from registrations as one left join accounts as account on account.id = ${accountIdByKey(tx, tx.sql`one.email_key`)}
    where one.id = ${id}`
  return row
}

/** Writes what was decided: a mail is made ready with its token's hash, or without one, or not at all. */
export async function updateRegistrationDecided(
  tx: Tx,
  id: Id<'registration'>,
  state: 'ready' | 'taken' | 'limited',
  tokenHash: Uint8Array | null,
): Promise<void> {
  await tx.sql`
    update registrations set state = ${state}, token_hash = ${tokenHash},
      ready_at = case when ${state} = 'limited' then null else now() end
    where id = ${id}`
}

/** A registration that a token confirms. */
export interface ConfirmedRegistration {
  readonly id: Id<'registration'>
  readonly email: string
  readonly emailKey: string
  readonly name: string
  readonly passwordHash: string
}

/** Uses up the token of a registration: a row for exactly one caller, and only while it is valid. */
export async function updateRegistrationConfirmed(
  tx: Tx,
  tokenHash: Uint8Array,
): Promise<ConfirmedRegistration | undefined> {
  const [row] = await tx.sql<ConfirmedRegistration[]>`
    update registrations set state = 'confirmed', ip = null, user_agent = null
    where token_hash = ${tokenHash} and state = 'ready' and expires_at > now()
    returning id, email, email_key as "emailKey", name, password_hash as "passwordHash"`
  return row
}

/** Whether a registration's token could be used now. */
export async function hasUsableRegistration(queries: Queries, tokenHash: Uint8Array): Promise<boolean> {
  const rows = await queries.sql`
    select id from registrations where token_hash = ${tokenHash} and state = 'ready' and expires_at > now()`
  return rows.length === 1
}

/** Deletes up to `most` registrations that expired more than a day ago. Uses `registrations_expires_at`. */
export async function deleteOldRegistrations(tx: Tx, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from registrations where expires_at < now() - interval '1 day'
      order by expires_at limit ${most} for update skip locked
    )
    delete from registrations using old where registrations.id = old.id returning registrations.id`
  return rows.length
}
