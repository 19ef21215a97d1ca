import { formatId } from '@portcullis/contracts/ids'
import type { Credential, ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { EarlyRoute } from '../../http/mount.ts'

/**
 * `POST /v1/introspect`. Decided by the very check that our own calls are decided by; begun before the client is known, as
 * whoever has a token may have it checked by using it.
 */
export function introspectTokenRoute(resolve: ResolveCredential): EarlyRoute<'introspectToken'> {
  return {
    begin({ token }) {
      // Where the owner of the token is, is not known here: the network is the client's.
      const checked = resolve(token, null)
      // Of a caller who is refused meanwhile nobody asks how it ended.
      checked.catch(() => {})
      return async () => ({ status: 200, body: show(await checked) })
    },
  }
}

function show(credential: Credential | undefined): Record<string, unknown> {
  // The secret of a client is no token of an account: RFC 7662 2.2 has nothing told of it.
  if (!credential || credential.kind === 'client') return { active: false }
  const { kind } = credential
  const told =
    kind === 'session'
      ? { row: credential.session, jti: formatId('session', credential.session.id), scope: 'owner' }
      : { row: credential.key, jti: formatId('apiKey', credential.key.id), scope: credential.key.scopes.join(' ') }
  const { row, jti, scope } = told
  return {
    active: true,
    sub: formatId('account', row.accountId),
    scope,
    iat: secondsOf(row.createdAt),
    ...(row.expiresAt && { exp: secondsOf(row.expiresAt) }),
    jti,
    token_type: 'Bearer',
    credential: kind,
    // Otherwise it would not be alive.
    accountState: 'active',
  }
}

/** `NumericDate` of RFC 7519 2: cut, so that nothing is said to live a moment longer than it does. */
function secondsOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000)
}
