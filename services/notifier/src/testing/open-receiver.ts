import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A request as a receiver got it. */
export interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** What a receiver does on a request. */
export type Answering = (response: ServerResponse, request: IncomingMessage) => void

/** A receiver of webhooks on a free port. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** From now on it answers so. At first: 204. */
  answer(answering: Answering): void
  close(): Promise<void>
}

/** Opens a receiver. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let answering: Answering = (response) => void response.writeHead(204).end()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
      answering(response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port')
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    received,
    answer: (next) => (answering = next),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
