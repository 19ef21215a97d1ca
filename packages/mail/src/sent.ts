/** Why a mail was not taken this time, though it may be the next. */
export type TemporaryCode =
  /** The server said so (4xx, 421, or a 5xx that is not about this mail). */
  | 'smtp_temporary'
  /** No connection: refused, no route, no such host. */
  | 'smtp_unreachable'
  /** No answer in time. */
  | 'smtp_timeout'
  /** The connection was lost, or the answer was not SMTP. */
  | 'smtp_disconnected'
  /** No encrypted connection, or the certificate is not to be trusted. */
  | 'smtp_tls'
  /** The server does not take our credentials: an operator's matter. */
  | 'smtp_auth'
  /** The server does not take our sender: an operator's matter. */
  | 'smtp_sender_refused'
  /** The caller's signal was aborted. */
  | 'smtp_aborted'
  /** The mailer was closed. */
  | 'smtp_closed'
  /** None of these. */
  | 'smtp_failed'

/** What became of a mail. Holds neither address nor body, so it may be logged. */
export type Sent =
  /** The server has taken it. `response` is its last line, with anything like an address taken out. */
  | { readonly kind: 'sent'; readonly response: string }
  /** The server will never take it for this recipient (5xx): a further attempt is useless. */
  | { readonly kind: 'refused'; readonly code: 'smtp_refused'; readonly permanent: true; readonly smtpStatus: number }
  | {
      readonly kind: 'failed'
      readonly code: TemporaryCode
      readonly permanent: false
      /**
       * The final dot was sent and no answer came: the server may have taken the mail. Sending it again may make a
       * second copy, with the same Message-ID. Source: RFC 1047, RFC 5321 section 4.5.3.2.6.
       */
      readonly ambiguous: boolean
      /** Status of the server's answer, where there was one. */
      readonly smtpStatus?: number
    }

/** What is known of an attempt besides its error. */
export interface Attempt {
  /** The whole message, with its final dot, was given to the connection. */
  readonly bodyEnded: boolean
  /** Why it was ended from this side, if it was. */
  readonly endedBy: 'smtp_timeout' | 'smtp_aborted' | 'smtp_closed' | undefined
}

// RFC 4954 section 6: credentials are missing, too weak or wrong.
const authStatuses: readonly number[] = [530, 534, 535, 538]
const unreachable: readonly string[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
]

/**
 * Judges an error of the transport. An error that the server did not answer with is ambiguous once the body has ended.
 */
export function judgeError(error: unknown, attempt: Attempt): Sent {
  const status = numberIn(error, 'responseCode')
  if (status !== undefined && status >= 400) return judgeAnswer(status, error)
  return {
    kind: 'failed',
    code: attempt.endedBy ?? silentCode(error),
    permanent: false,
    ambiguous: attempt.bodyEnded,
  }
}

/** The server's last line in a form that may be logged: one line, at most 200 characters, no address. */
export function safeResponse(response: string): string {
  return response
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\S*@\S*/g, '[address]')
    .slice(0, 200)
    .trim()
}

function judgeAnswer(status: number, error: unknown): Sent {
  const command = textIn(error, 'command')
  const code = textIn(error, 'code')
  // 503 tells that the session was in the wrong state, not that the mail is refused.
  const never = status >= 500 && status < 600 && status !== 503
  if (code === 'EAUTH' || authStatuses.includes(status)) return answered('smtp_auth', status)
  if (never && command === 'MAIL FROM') return answered('smtp_sender_refused', status)
  if (never && (command === 'RCPT TO' || command === 'DATA')) {
    return { kind: 'refused', code: 'smtp_refused', permanent: true, smtpStatus: status }
  }
  return answered(code === 'ETLS' ? 'smtp_tls' : 'smtp_temporary', status)
}

function answered(code: TemporaryCode, smtpStatus: number): Sent {
  return { kind: 'failed', code, permanent: false, ambiguous: false, smtpStatus }
}

function silentCode(error: unknown): TemporaryCode {
  const cause = textIn(error, 'originalCode')
  if (unreachable.includes(cause)) return 'smtp_unreachable'
  if (cause === 'ETIMEDOUT') return 'smtp_timeout'
  if (/CERT|SSL|TLS/.test(cause)) return 'smtp_tls'
  return silentCodes[textIn(error, 'code')] ?? 'smtp_failed'
}

const silentCodes: Readonly<Record<string, TemporaryCode>> = {
  ETIMEDOUT: 'smtp_timeout',
  EDNS: 'smtp_unreachable',
  ESOCKET: 'smtp_disconnected',
  ECONNECTION: 'smtp_disconnected',
  EPROTOCOL: 'smtp_disconnected',
  ETLS: 'smtp_tls',
  EAUTH: 'smtp_auth',
  ENOAUTH: 'smtp_auth',
  EABORT: 'smtp_aborted',
}

function textIn(error: unknown, key: string): string {
  const value = valueIn(error, key)
  return typeof value === 'string' ? value : ''
}

function numberIn(error: unknown, key: string): number | undefined {
  const value = valueIn(error, key)
  return typeof value === 'number' ? value : undefined
}

function valueIn(error: unknown, key: string): unknown {
  return error instanceof Error ? Reflect.get(error, key) : undefined
}
