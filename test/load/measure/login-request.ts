import { writeRequest } from '../request.ts'

/** The password of every account of the benchmark. */
export const password = 'Correct-horse-7-battery'

/** From a /24 of its own for each number below 14 million: attempts are counted by network. */
function addressOf(place: number): string {
  return `${20 + (Math.floor(place / 65_536) % 200)}.${Math.floor(place / 256) % 256}.${place % 256}.7`
}

/** Writes logins of these addresses, each from a network of its own. */
export function writeLogins(port: number, emails: readonly string[]): string[] {
  return emails.map((email, place) =>
    writeRequest({
      port,
      method: 'POST',
      path: '/v1/sessions',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': addressOf(place) },
      body: JSON.stringify({ email, password }),
    }),
  )
}

/** What a gateway is told so that it believes who asks. */
export const proxySettings = { TRUSTED_PROXIES: '127.0.0.1' }
