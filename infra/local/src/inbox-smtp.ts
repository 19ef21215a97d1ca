import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { readMail } from './inbox-message.ts'
import type { InboxStore } from './inbox-store.ts'

/** Largest mail that is taken, in bytes. */
const sizeMost = 5 * 1024 * 1024

/** A running SMTP server. */
export interface InboxSmtp {
  readonly port: number
  stop(): Promise<void>
}

/** Takes every mail for every address, without authentication and in clear: for this machine only. Source: RFC 5321, 6531. */
export function startInboxSmtp(store: InboxStore, host: string, port: number): Promise<InboxSmtp> {
  const server = new SMTPServer({
    name: 'inbox.localhost',
    banner: 'Portcullis development inbox',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    // A look-up of the client's name would wait for a name server that may not be there.
    disableReverseLookup: true,
    size: sizeMost,
    closeTimeout: 200,
    logger: false,
    onData: (stream, session, done) => {
      take(stream, session, store).then(
        (said) => done(null, said),
        (error: unknown) => done(error instanceof Error ? error : new Error('the mail was not taken')),
      )
    },
  })
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {})
  return new Promise((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.server.address()
      const bound = typeof address === 'object' && address ? address.port : port
      resolve({ port: bound, stop: () => new Promise((stopped) => server.close(() => stopped())) })
    })
  })
}

async function take(stream: SMTPServerDataStream, session: SMTPServerSession, store: InboxStore): Promise<string> {
  const receivedAt = new Date()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= sizeMost) chunks.push(chunk)
  }
  if (stream.sizeExceeded || size > sizeMost) {
    throw Object.assign(new Error(`a mail may have at most ${sizeMost} bytes`), { responseCode: 552 })
  }
  const { mailFrom, rcptTo } = session.envelope
  const envelope = {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map((recipient) => recipient.address),
  }
  const message = await readMail(store.nextId(), Buffer.concat(chunks), envelope, receivedAt)
  store.add(message)
  return `taken as ${message.id}`
}
