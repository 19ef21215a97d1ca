/** A request as a caller of the gateway would send it. */
export interface PlainRequest {
  readonly port: number
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** ASCII. */
  readonly body?: string
}

/** What a browser of today calls itself. */
export const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** Writes a request down, ready to be sent any number of times. */
export function writeRequest({ port, method, path, headers = {}, body }: PlainRequest): string {
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  const lines = Object.entries({ host: `127.0.0.1:${port}`, 'user-agent': userAgent, ...headers, ...length })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body ?? ''}`
}

/** Asks for a mail by which a password is reset. */
export function writeResetRequest(port: number, email: string): string {
  const headers = { 'content-type': 'application/json' }
  return writeRequest({ port, method: 'POST', path: '/v1/password-resets', headers, body: `{"email":"${email}"}` })
}
