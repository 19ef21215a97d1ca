import { Failure } from '@portcullis/contracts/errors'
import type { Secret } from '@portcullis/runtime/secret'

/**
 * Whether the way to the server is encrypted by STARTTLS: it must be, it is where the server offers it, or it never is.
 */
export type StartTls = 'required' | 'offered' | 'never'

const startTlsKinds: readonly string[] = ['required', 'offered', 'never'] satisfies StartTls[]

/** Where mail is handed over. */
export interface SmtpTarget {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps:`). */
  readonly secure: boolean
  readonly startTls: StartTls
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

/**
 * Reads `smtp://user:password@host:port?tls=required|offered|never` (or `smtps:`). Nothing else in the query is taken,
 * as the library would let a URL switch on its debug log.
 *
 * STARTTLS, when `tls` is not given: `never` on this machine itself (local relays have self-made certificates),
 * `required` with a password, so that it is never sent in clear, else `offered`. Certificates are always verified.
 * Default port: 465 for `smtps:`, 587 for `smtp:`. Throws a failure that does not repeat the URL. Source: RFC 8314, RFC
 * 3207.
 */
export function parseSmtpUrl(smtpUrl: Secret): SmtpTarget {
  const url = URL.parse(smtpUrl.reveal())
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw refuse('must be smtp://host or smtps://host')
  if (!/^\/?$/.test(url.pathname) || url.hash !== '') throw refuse('must have no path')
  const host = decode(url.hostname).replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'smtps:'
  const auth =
    url.username === '' && url.password === '' ? undefined : { user: decode(url.username), pass: decode(url.password) }
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    startTls: startTlsOf(url.searchParams) ?? defaultStartTls(host, auth !== undefined),
    auth,
  }
}

function startTlsOf(query: URLSearchParams): StartTls | undefined {
  for (const key of query.keys()) if (key !== 'tls') throw refuse('may have no other query than tls')
  const kind = query.get('tls')
  if (kind === null) return undefined
  if (!isStartTls(kind)) throw refuse(`has tls other than ${startTlsKinds.join(', ')}`)
  return kind
}

function isStartTls(kind: string): kind is StartTls {
  return startTlsKinds.includes(kind)
}

function defaultStartTls(host: string, withPassword: boolean): StartTls {
  if (host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)) return 'never'
  return withPassword ? 'required' : 'offered'
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refuse('has a percent sign that encodes nothing')
  }
}

function refuse(rule: string): Failure {
  return new Failure('internal_error', { internal: `mail: the SMTP URL ${rule}` })
}
