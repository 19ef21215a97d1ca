import { createTransport, type SendMailOptions } from 'nodemailer'
import { domainOf } from './mailbox.ts'
import type { SmtpTarget } from './smtp-url.ts'
import type { Dkim } from './transport.ts'

/** What a pool of connections is made of; units and defaults as in `MailerOptions`. */
interface PoolOptions {
  readonly target: SmtpTarget
  readonly sender: string
  readonly connectionsMost: number
  readonly messagesPerConnectionMost: number
  readonly timeoutMs: number
  readonly dkim: Dkim | undefined
}

/** How far a message has come; written by the pool while it sends. */
export interface Delivery {
  /** Its last byte was read by the connection, which writes the final dot with it. */
  bodyEnded: boolean
}

/** Connections to one SMTP server. */
export interface Pool {
  /**
   * Gives the server's last line, or rejects with the library's error, which may name the recipient: never pass it on.
   */
  send(message: SendMailOptions, signal: AbortSignal, delivery: Delivery): Promise<string>
  verify(): Promise<boolean>
  close(which: 'idle' | 'all'): void
}

/** Opens a pool: nodemailer with our limits. Its log stays off, as it names recipients. */
export function openPool(options: PoolOptions): Pool {
  const transport = createTransport(settings(options))
  const deliveries = new WeakMap<AbortSignal, Delivery>()
  // An emitter without a listener throws. Each send tells its own error.
  transport.on('error', () => undefined)
  transport.use('stream', ({ data, message }, done) => {
    const delivery = data.signal && deliveries.get(data.signal)
    const read = message.createReadStream.bind(message)
    // Behind a signature as well, unlike a transform: so the end of this stream is the final dot.
    message.createReadStream = (streamOptions) => {
      const stream = read(streamOptions)
      if (delivery) stream.once('end', () => (delivery.bodyEnded = true))
      return stream
    }
    done()
  })
  return {
    async send(message, signal, delivery) {
      deliveries.set(signal, delivery)
      const { response } = await transport.sendMail({ ...message, signal })
      return response
    },
    verify: () => transport.verify(),
    close: (which) => transport.close({ force: which === 'all' }),
  }
}

function settings(options: PoolOptions) {
  const { target, timeoutMs, dkim } = options
  return {
    pool: true as const,
    host: target.host,
    port: target.port,
    secure: target.secure,
    requireTLS: target.startTls === 'required',
    ignoreTLS: target.startTls === 'never',
    auth: target.auth && { ...target.auth },
    // The name given in EHLO stands in the mail's Received lines: not the one of the machine.
    name: domainOf(options.sender),
    maxConnections: options.connectionsMost,
    maxMessages: options.messagesPerConnectionMost,
    // Only for connections that turn out dead before a byte of the message was read: each may be so once.
    maxRequeues: options.connectionsMost,
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: Math.min(1000, timeoutMs),
    disableFileAccess: true,
    disableUrlAccess: true,
    dkim: dkim && {
      domainName: dkim.domainName,
      keySelector: dkim.keySelector,
      privateKey: dkim.privateKey.reveal(),
    },
    logger: false,
  }
}
