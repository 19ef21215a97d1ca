import type { Client } from '@portcullis/client/create-client'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { generateSync } from 'otplib'
import { readLink } from './mail.ts'
import type { RentalHost } from './rental-host.ts'
import type { Stage } from './stage.ts'

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const phone =
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36'

/** Whoever the account belongs to. */
export interface Owner {
  readonly email: string
  readonly password: string
  readonly id: Id<'account'>
  readonly session: Client
  /** A code of the authenticator, of this step of 30 seconds or the next one. Each opens once. */
  code(step: 0 | 1): string
  readonly backupCodes: readonly string[]
}

/** Whoever got in. */
export interface Intruder {
  readonly visitor: Client
  readonly session: Client
  readonly apiKey: string
}

/** Registers by the mail of the inbox and logs in, as everybody does. */
export async function register(stage: Stage, email: string, password: string, name: string): Promise<string> {
  const visitor = stage.client(browser)
  await visitor.registerAccount({ body: { email, password, name } })
  const { groups } = await readLink(stage.inbox, email, /#token=([\w-]{43})/)
  await visitor.verifyEmail({ body: { token: groups[0] ?? '' } })
  const login = await visitor.createSession({ body: { email, password } })
  if (login.status !== 201 || login.body.token === undefined) throw new Error('the login gave no token')
  return login.body.token
}

/** The owner's browser, without a credential. */
export function ownersVisitor(stage: Stage): Client {
  return stage.client(browser)
}

/** Makes the owner: second factor, API key, and an SSH key of ssh-keygen where there is a rented server. */
export async function makeOwner(
  stage: Stage,
  given: { readonly email: string; readonly password: string; readonly session: Client; readonly id: Id<'account'> },
  host: RentalHost | undefined,
): Promise<Owner> {
  const { session, id } = given
  const { secret } = (await session.beginTwoFactor()).body
  const code = (step: 0 | 1) => codeOf(secret, step)
  const { backupCodes } = (await session.confirmTwoFactor({ body: { code: code(0) } })).body
  await session.createApiKey({ body: { name: 'Nightly backup', scopes: ['product:servers'] } })
  const publicKey = host?.makeKey('owner')
  if (publicKey !== undefined) await session.addSshKey({ body: { name: 'Laptop', publicKey } })
  // Three weeks go by: what is older than the suspect window of 7 days is the owner's own. No demo can wait for that.
  await stage.database.sql`
    with account as (
      update accounts set created_at = created_at - interval '20 days',
        password_changed_at = password_changed_at - interval '20 days' where id = ${id}
    ), factor as (
      update totp_factors set created_at = created_at - interval '20 days', confirmed_at = confirmed_at - interval '20 days',
        last_step = last_step - extract(epoch from interval '20 days') / 30
      where account_id = ${id}
    ), session as (
      update sessions set created_at = created_at - interval '20 days' where account_id = ${id}
    ), api_key as (
      update api_keys set created_at = created_at - interval '20 days' where account_id = ${id}
    )
    update ssh_keys set created_at = created_at - interval '20 days' where account_id = ${id}`
  return { ...given, code, backupCodes }
}

/**
 * A code of this step or the next. Never of the last one: the server takes a step to either side, so that would be refused
 * where a step ends between here and there.
 */
function codeOf(secret: string, step: 0 | 1): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * step })
}

/** The id of the account behind an address. */
export async function findAccount(stage: Stage, email: string): Promise<Id<'account'>> {
  const [row] = await stage.database.sql<{ id: Id<'account'> }[]>`select id from accounts where email = ${email}`
  if (!row) throw new Error(`${email} has no account`)
  return row.id
}

/** An intruder who has phished the password and a backup code, and makes keys to come back with. */
export async function letIntruderIn(stage: Stage, owner: Owner, host: RentalHost | undefined): Promise<Intruder> {
  const visitor = stage.client(phone)
  const login = await visitor.createSession({ body: { email: owner.email, password: owner.password } })
  if (login.status !== 200) throw new Error('no second step was asked for')
  const code = owner.backupCodes[0] ?? ''
  const { token } = (await visitor.completeSecondFactor({ body: { challenge: login.body.challenge, code } })).body
  const session = stage.client(phone, token ?? '')
  const made = await session.createApiKey({ body: { name: 'sync', scopes: ['product:servers'] } })
  if (host) await session.addSshKey({ body: { name: 'sync', publicKey: host.makeKey('intruder') } })
  return { visitor, session, apiKey: made.body.key ?? '' }
}

/** A back end of the product, with a client of its own. */
export async function makeProduct(stage: Stage): Promise<Client> {
  const scopes = ['introspect', 'rentals:write'] as const
  const { secret } = await createApiClient(stage.database, { name: 'Shop', scopes })
  return stage.client('shop/1.0', secret)
}

/** The person at the desk: an account like any other, made admin by the operator's hand, with the second factor that admins need. */
export async function makeAdmin(stage: Stage, email: string, password: string): Promise<Client> {
  const token = await register(stage, email, password, 'Security Desk')
  const session = stage.client(browser, token)
  const { secret } = (await session.beginTwoFactor()).body
  await session.confirmTwoFactor({ body: { code: codeOf(secret, 0) } })
  await stage.database.sql`update accounts set role = 'admin' where id = ${await findAccount(stage, email)}`
  const proved = await session.proveSession({ body: { password, code: codeOf(secret, 1) } })
  return stage.client(browser, proved.body.token ?? '')
}

/** Tells Portcullis that the owner has rented a server. */
export async function rentServer(product: Client, owner: Id<'account'>, id: string): Promise<string> {
  const body = { accountId: formatId('account', owner), host: '127.0.0.1' }
  const rental = await product.startRental({ params: { id }, body })
  if (rental.body.rentalToken === undefined) throw new Error('the rental has no token')
  return rental.body.rentalToken
}
