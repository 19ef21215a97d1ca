import { createServer } from 'node:http'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'

/** A token as a receiver took it, after it was verified. */
export interface TakenToken extends JWTPayload {
  readonly jti: string
  readonly txn: string
  readonly sub_id: Readonly<Record<string, unknown>>
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A receiver of security events as the product would build one: `jose`, and the keys that the issuer publishes. */
export interface SecurityEventReceiver {
  readonly url: string
  readonly taken: readonly TakenToken[]
  /** Why tokens were refused. */
  readonly refused: readonly string[]
  /** From now on it believes this issuer. */
  trust(issuer: string): void
  close(): Promise<void>
}

/** Opens a receiver on a free port of this machine, for one audience. Source: RFC 8935. */
export async function openSecurityEventReceiver(audience: string): Promise<SecurityEventReceiver> {
  const taken: TakenToken[] = []
  const refused: string[] = []
  let verify: ((token: string) => Promise<TakenToken>) | undefined
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (!verify || request.headers['content-type'] !== 'application/secevent+jwt') {
        refused.push(`type ${request.headers['content-type']}`)
        response.writeHead(400).end(JSON.stringify({ err: 'invalid_request', description: 'not a token' }))
        return
      }
      verify(Buffer.concat(parts).toString()).then(
        (token) => {
          taken.push(token)
          response.writeHead(202).end()
        },
        (error: unknown) => {
          refused.push(String(error))
          response.writeHead(400).end(JSON.stringify({ err: 'invalid_key', description: 'not verified' }))
        },
      )
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port')
  return {
    url: `http://127.0.0.1:${address.port}/events`,
    taken,
    refused,
    trust(issuer) {
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer))
      verify = async (token) => {
        const options = { algorithms: ['EdDSA'], issuer, audience, typ: 'secevent+jwt' }
        return (await jwtVerify<TakenToken>(token, keys, options)).payload
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
