/** The browser's credential. The prefix binds it to this very host, over TLS, for every path (RFC 6265bis 4.1.3.2). */
const cookieName = '__Host-portcullis'

/** Writes the session cookie: never for scripts, not for requests that other sites start (NIST SP 800-63B-4 5.1.1). */
export function sessionCookie(token: string, maxAgeSeconds: number): string {
  return `${cookieName}=${token}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=Lax`
}

/** Takes the session cookie away. */
export function endedCookie(): string {
  return sessionCookie('', 0)
}

const deviceCookieName = '__Host-portcullis-device'
const deviceCookieSeconds = 180 * 86_400

/** Writes the cookie by which a browser is known again. It opens nothing. */
export function deviceCookie(token: string): string {
  return `${deviceCookieName}=${token}; Path=/; Max-Age=${deviceCookieSeconds}; Secure; HttpOnly; SameSite=Lax`
}

/** Reads it. */
export function deviceToken(header: string | undefined): string | undefined {
  return readCookie(header, deviceCookieName)
}

/** Reads the session cookie. Two of that name are one too many: a neighbouring host may have tossed one in. */
export function cookieToken(header: string | undefined): string | undefined {
  return readCookie(header, cookieName)
}

function readCookie(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
  return found.length === 1 && found[0] !== '' ? found[0] : undefined
}
