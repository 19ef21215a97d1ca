import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'

/** One copy of a mail that a real SMTP server took. */
export interface Taken {
  readonly to: string
  readonly messageId: string
  readonly subject: string
  /** Of the link in its text; absent in mails without one. */
  readonly token: string | undefined
  readonly text: string
}

/** A real SMTP server that remembers every copy, and fails when told to. */
export interface SmtpSink {
  readonly url: string
  /** Oldest first. */
  readonly taken: readonly Taken[]
  /** Copies for one address. */
  copiesFor(address: string): Taken[]
  /** Mails that were taken and not yet answered. */
  holding(): number
  /** Answers to a whole mail wait so long from now on: mails are in flight meanwhile. Default 0. */
  hold(milliseconds: number): void
  /** Refuses the recipient for good (550) from now on. */
  refuse(address: string): void
  /** How often that recipient was tried. */
  triesOf(address: string): number
  /** Takes the next mail to the address, and resets the connection instead of answering. */
  resetAfterDot(address: string): void
  /** Cuts all connections and takes no new ones. */
  leave(): Promise<void>
  /** Listens again, on the same port. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** Opens a sink on a free port. */
export async function openSink(): Promise<SmtpSink> {
  const taken: Taken[] = []
  const sockets = new Map<number, Socket>()
  const refused = new Set<string>()
  const resets = new Set<string>()
  const tries: string[] = []
  let heldMs = 0
  let holding = 0

  const take = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<'answer' | 'reset'> => {
    const chunks: Buffer[] = []
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
    const to = session.envelope.rcptTo[0]?.address ?? ''
    taken.push(await read(to, Buffer.concat(chunks)))
    if (resets.delete(to)) return 'reset'
    holding += 1
    await new Promise((resolve) => setTimeout(resolve, heldMs))
    holding -= 1
    return 'answer'
  }

  const listen = async (port: number): Promise<SMTPServer> => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      logger: false,
      onRcptTo({ address }, _session, done) {
        tries.push(address)
        done(refused.has(address) ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null)
      },
      onData(stream, session, done) {
        take(stream, session).then(
          (how) => (how === 'reset' ? sockets.get(session.remotePort)?.resetAndDestroy() : done(null, 'taken')),
          (error: Error) => done(error),
        )
      },
    })
    // A client that was killed in the middle is what these tests are about.
    server.on('error', () => {})
    server.server.on('connection', (socket: Socket) => {
      const port = Number(socket.remotePort)
      sockets.set(port, socket)
      socket.on('close', () => sockets.delete(port))
    })
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    return server
  }

  let server: SMTPServer | undefined = await listen(0)
  const { port } = server.server.address() as AddressInfo
  const leave = async (): Promise<void> => {
    const leaving = server
    server = undefined
    for (const socket of sockets.values()) socket.destroy()
    await new Promise<void>((resolve) => (leaving ? leaving.close(resolve) : resolve()))
  }
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    copiesFor: (address) => taken.filter((mail) => mail.to === address),
    holding: () => holding,
    hold: (milliseconds) => void (heldMs = milliseconds),
    refuse: (address) => void refused.add(address),
    triesOf: (address) => tries.filter((tried) => tried === address).length,
    resetAfterDot: (address) => void resets.add(address),
    leave,
    async comeBack() {
      server ??= await listen(port)
    },
    close: leave,
  }
}

async function read(to: string, raw: Buffer): Promise<Taken> {
  const mail = await PostalMime.parse(raw)
  const text = mail.text ?? ''
  const token = /#token=([\w-]+)/.exec(text)?.[1]
  return { to, messageId: mail.messageId ?? '', subject: mail.subject ?? '', token, text }
}
