/** What a receiver may say of a token that it refuses. Source: RFC 8935 2.4; OpenID SSF 1.0 (`invalid_state`). */
const codes = new Set([
  'invalid_request',
  'invalid_key',
  'invalid_issuer',
  'invalid_audience',
  'authentication_failed',
  'access_denied',
  'invalid_state',
])

/**
 * The code of a refusal, as `set_invalid_key`, from the body of a 400; `undefined` for anything else. Only codes of the standard: a receiver
 * cannot write words of its own into the store.
 */
export function readSetRefusal(status: number, body: string): string | undefined {
  if (status !== 400) return undefined
  try {
    const read: unknown = JSON.parse(body)
    if (typeof read !== 'object' || read === null || !('err' in read)) return undefined
    return typeof read.err === 'string' && codes.has(read.err) ? `set_${read.err}` : undefined
  } catch {
    return undefined
  }
}
