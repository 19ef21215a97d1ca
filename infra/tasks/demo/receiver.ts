import { createServer, type IncomingMessage } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** An event that was taken, after its signature was verified. */
export interface TakenEvent {
  /** `webhook-id`. */
  readonly id: string
  readonly type: string
  /** Milliseconds of this process's monotonic clock. */
  readonly at: number
}

/** What the product would run: a receiver of signed webhooks, built on the `standardwebhooks` package, and support's chat. */
export interface Receiver {
  readonly hookUrl: string
  readonly supportUrl: string
  readonly events: readonly TakenEvent[]
  /** What support's chat was told. */
  readonly support: readonly { readonly text: string; readonly at: number }[]
  /** Deliveries whose signature does not hold. */
  readonly forged: () => number
  /** Sets the secret that signatures are verified with. */
  trust(secret: string): void
  close(): Promise<void>
}

/** Opens it on a free port of this machine. */
export async function openReceiver(): Promise<Receiver> {
  const events: TakenEvent[] = []
  const support: { text: string; at: number }[] = []
  let webhook: Webhook | undefined
  let forged = 0

  async function take(request: IncomingMessage): Promise<number> {
    const body = await readText(request)
    const at = performance.now()
    if (request.url === '/support') {
      support.push({ text: body, at })
      return 200
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    try {
      if (!webhook) throw new Error('there is no secret yet')
      // Guarantee: the signature holds, so this is what Portcullis wrote, and all of its events have a type.
      const { type } = webhook.verify(body, headers) as { type: string }
      events.push({ id: headers['webhook-id'] ?? '', type, at })
      return 204
    } catch {
      forged += 1
      return 400
    }
  }

  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    hookUrl: `${base}/hooks`,
    supportUrl: `${base}/support`,
    events,
    support,
    forged: () => forged,
    trust: (secret) => void (webhook = new Webhook(secret)),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
