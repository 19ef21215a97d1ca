import { createServer, type Server, type ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** An event as a receiver took it, after it was verified. */
export interface TakenEvent {
  /** `webhook-id`. */
  readonly id: string
  readonly type: string
  readonly data: { readonly accountId: string | null; readonly [name: string]: unknown }
}

/** A receiver as the product would build one: it verifies with the `standardwebhooks` package, and takes by id. */
export interface WebhookReceiver {
  readonly url: string
  /** Every delivery that was verified, repeats too. */
  readonly taken: readonly TakenEvent[]
  /** Deliveries that could not be verified. */
  readonly refused: readonly string[]
  /** Sets its secret. */
  trust(secret: string): void
  /** From now on it answers so after it has taken an event. At first: 204. */
  answer(answering: (response: ServerResponse) => void): void
  /** Goes away: its port refuses connections. */
  leave(): Promise<void>
  /** Is there again, under the same address. */
  comeBack(): Promise<void>
}

/** Opens a receiver on a free port of this machine. */
export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const taken: TakenEvent[] = []
  const refused: string[] = []
  let webhook: Webhook | undefined
  let answering = (response: ServerResponse): void => {
    response.writeHead(204).end()
  }
  let server: Server | undefined
  let port = 0

  async function open(): Promise<void> {
    const opened = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = Buffer.concat(parts).toString()
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        )
        try {
          const event = webhook?.verify(body, headers) as Pick<TakenEvent, 'type' | 'data'>
          taken.push({ id: headers['webhook-id'] ?? '', type: event.type, data: event.data })
        } catch (error) {
          refused.push(String(error))
          response.writeHead(400).end()
          return
        }
        answering(response)
      })
    })
    server = opened
    await new Promise<void>((resolve, reject) => opened.once('error', reject).listen(port, '127.0.0.1', resolve))
    const address = opened.address()
    if (typeof address === 'object' && address !== null) port = address.port
  }

  await open()
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    taken,
    refused,
    trust: (secret) => (webhook = new Webhook(secret)),
    answer(next) {
      answering = next
    },
    async leave() {
      server?.closeAllConnections()
      await new Promise((resolve) => server?.close(resolve))
    },
    comeBack: open,
  }
}
