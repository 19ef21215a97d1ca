import type { Access } from '@portcullis/contracts/api/endpoint'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { isPermitted, type Permission } from '@portcullis/contracts/permission'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import type { LivingRental } from '@portcullis/db/queries/rental'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Credential, ResolveCredential } from '@portcullis/domain/credential/resolve'
import { isWatchToken } from '@portcullis/domain/lockdown/watch-token'
import { proofSeconds } from '@portcullis/domain/session/limits'
import type { Context } from 'hono'
import { cookieToken } from './cookie.ts'
import { refuseCrossSite } from './cross-site.ts'
import type { Env } from './env.ts'

/** A credential as it came. */
interface Presented {
  readonly token: string
  /** A browser sends it by itself, whoever wrote the page. */
  readonly byCookie: boolean
}

/** Who asks, as far as a call needs to know. */
export interface Asker {
  readonly session?: LivingSession
  /** Whose call it is, by session or by API key. */
  readonly accountId?: Id<'account'>
  readonly client?: LivingClient
  /** The rented server that asks. */
  readonly rental?: LivingRental
  /** What was sent as the watch token of an operation: not yet judged. */
  readonly watchToken?: string
}

/**
 * Finds the living credential that a call needs, or refuses: 401 without one, 403 where it is alive and not for this call,
 * where its role lacks the permission or it lacks its second factor, or where a sensitive call wants a fresher proof. A cookie
 * counts only for calls of our own pages.
 * Source: RFC 6750, OWASP ASVS 5 3.5.1, 6.3.3, 7.2.1, 8.2.1.
 */
export async function requireCredential(
  c: Context<Env>,
  access: Exclude<Access, { kind: 'rental' | 'watcher' }>,
  resolve: ResolveCredential,
  origin: string,
): Promise<Asker> {
  const presented = readCredential(c)
  if (presented?.byCookie) refuseCrossSite(c, origin)
  const credential = presented && (await resolve(presented.token, c.get('caller').ip))
  // A browser's cookie is a session: nothing else is made to be sent by itself.
  if (!credential || (presented.byCookie && credential.kind !== 'session')) throw new Failure('credential_required')
  return access.kind === 'client' ? askerOfClient(credential, access) : askerOfOwner(credential, access)
}

/** Finds the rental whose token was sent, or refuses with 401. A cookie is none. */
export async function requireRental(
  c: Context<Env>,
  resolve: (token: string) => Promise<LivingRental | undefined>,
): Promise<Asker> {
  const presented = readCredential(c)
  const rental = presented && !presented.byCookie ? await resolve(presented.token) : undefined
  if (!rental) throw new Failure('credential_required')
  return { rental }
}

/**
 * Finds whoever may perhaps watch an operation: a session, a client, or a watch token, which the call judges. An API key
 * watches nothing. Refuses with 401 or 403 as any other call does.
 */
export async function requireWatcher(c: Context<Env>, resolve: ResolveCredential): Promise<Asker> {
  const presented = readCredential(c)
  if (presented && !presented.byCookie && isWatchToken(presented.token)) return { watchToken: presented.token }
  const credential = presented && (await resolve(presented.token, c.get('caller').ip))
  if (!credential || (presented.byCookie && credential.kind !== 'session')) throw new Failure('credential_required')
  if (credential.kind === 'session') return { session: credential.session, accountId: credential.session.accountId }
  if (credential.kind !== 'client') throw new Failure('scope_missing')
  return { client: credential.client }
}

function askerOfClient(credential: Credential, access: Extract<Access, { kind: 'client' }>): Asker {
  if (credential.kind !== 'client' || !credential.client.scopes.includes(access.scope))
    throw new Failure('scope_missing')
  return { client: credential.client }
}

function askerOfOwner(credential: Credential, access: Extract<Access, { kind: 'session' }>): Asker {
  if (credential.kind === 'session') {
    const { session } = credential
    if (access.permission) requirePermission(session, access.permission)
    if (access.proof && session.provedSecondsAgo > proofSeconds) throw new Failure('reauthentication_required')
    return { session, accountId: session.accountId }
  }
  // A key is its owner's, never an admin's or support's, whatever its scopes.
  const scope = access.permission ? undefined : access.apiKeyScope
  if (credential.kind !== 'api_key' || scope === undefined || !credential.key.scopes.includes(scope)) {
    throw new Failure('scope_missing')
  }
  return { accountId: credential.key.accountId }
}

/** Whose role may not learns no more; whose role may learns what is missing. */
function requirePermission(session: LivingSession, permission: Permission): void {
  if (!isPermitted(session.role, permission)) throw new Failure('not_allowed')
  if (!session.secondFactor) throw new Failure('second_factor_required')
}

function readCredential(c: Context<Env>): Presented | undefined {
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header)?.[1]
    return token === undefined ? undefined : { token, byCookie: false }
  }
  const token = cookieToken(c.req.header('cookie'))
  return token === undefined ? undefined : { token, byCookie: true }
}
