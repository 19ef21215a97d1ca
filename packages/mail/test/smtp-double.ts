import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * What a faulty server does at a step: answers with a line, says nothing, says only the start of an answer again and
 * again, resets, or hangs up.
 */
export type Act = `${number} ${string}` | 'silent' | 'trickle' | 'reset' | 'hang-up'

/** The steps of a session at which it may fail. */
export type Step = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot' | 'rset' | 'quit'

/** An SMTP server that fails on purpose. */
export interface SmtpDouble {
  readonly port: number
  readonly url: string
  /** How often each step was reached. */
  readonly reached: Readonly<Record<Step, number>>
  /** Resolves once the step was reached. */
  at(step: Step): Promise<void>
  close(): Promise<void>
}

const usual: Readonly<Record<Step, Act>> = {
  greeting: '220 double',
  ehlo: '250 double',
  starttls: '502 not here',
  auth: '235 welcome',
  mail: '250 ok',
  rcpt: '250 ok',
  data: '354 go on',
  dot: '250 queued',
  rset: '250 ok',
  quit: '221 bye',
}

const commands: readonly Step[] = ['ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'rset', 'quit']

/** Opens a double that does the usual, but for the `acts` given. */
export async function openDouble(acts: Partial<Record<Step, Act>>): Promise<SmtpDouble> {
  const reached = { greeting: 0, ehlo: 0, starttls: 0, auth: 0, mail: 0, rcpt: 0, data: 0, dot: 0, rset: 0, quit: 0 }
  const signals = new Map<Step, PromiseWithResolvers<void>>()
  const signalOf = (step: Step) => {
    const signal = signals.get(step) ?? Promise.withResolvers<void>()
    signals.set(step, signal)
    return signal
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    const go = (step: Step) => {
      reached[step] += 1
      signalOf(step).resolve()
      perform(socket, acts[step] ?? usual[step])
    }
    converse(socket, go)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    reached,
    at: (step) => signalOf(step).promise,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function converse(socket: Socket, go: (step: Step) => void): void {
  let pending = ''
  let inBody = false
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1')
    for (let end = ending(); end >= 0; end = ending()) {
      const taken = pending.slice(0, end)
      pending = pending.slice(end + (inBody ? 5 : 2))
      const step = inBody ? 'dot' : stepOf(taken)
      inBody = step === 'data'
      if (step) go(step)
    }
  })
  const ending = () => pending.indexOf(inBody ? '\r\n.\r\n' : '\r\n')
  go('greeting')
}

function stepOf(line: string): Step | undefined {
  return commands.find((step) => line.toLowerCase().startsWith(step))
}

function perform(socket: Socket, act: Act): void {
  if (act === 'silent') return
  if (act === 'reset') return void socket.resetAndDestroy()
  if (act === 'hang-up') return void socket.end()
  if (act === 'trickle') {
    const timer = setInterval(() => socket.write('250-wait\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
    return
  }
  socket.write(`${act}\r\n`)
}
