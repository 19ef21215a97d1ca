import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as the server got it. */
export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly parsed: Email
}

/** A real SMTP server on a free port that keeps what it gets, newest last. */
export interface Inbox {
  readonly port: number
  readonly url: string
  readonly received: readonly Received[]
  /** Connections taken so far. */
  connections(): number
  close(): Promise<void>
}

/**
 * Opens an inbox. `port` is given only to open one again where another was; `beforeAnswer` runs when a whole mail has
 * come, and the answer waits for it.
 */
export async function openInbox(port = 0, beforeAnswer?: () => Promise<void>): Promise<Inbox> {
  const received: Received[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 50,
    onConnect(_session, done) {
      connections += 1
      done()
    },
    onData(stream, session, done) {
      const take = async () => {
        const raw = await text(stream)
        await beforeAnswer?.()
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw,
          parsed: await PostalMime.parse(raw),
        })
      }
      take().then(() => done(), done)
    },
  })
  server.on('error', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address() as AddressInfo
  return {
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    connections: () => connections,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
