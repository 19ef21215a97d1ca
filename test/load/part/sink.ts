import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { nowNs, play } from './play.ts'

/** What came since the last `clear`. */
export interface Arrivals {
  readonly firstNs: number
  readonly lastNs: number
  readonly bytes: number
}

/** A mail server that takes everything and keeps nothing but when it came. */
export type Sink = {
  /** Listens and gives its port. */
  open(input: undefined): Promise<number>
  clear(input: undefined): void
  /** Resolves when so many mails have come since `clear`. */
  until(input: { count: number }): Promise<Arrivals>
  /** When the last byte of the first mail to each address came. */
  times(input: undefined): [email: string, ns: number][]
}

let arrivals = { count: 0, firstNs: 0, lastNs: 0, bytes: 0 }
const times = new Map<string, number>()
let waiting: { count: number; resolve: (found: Arrivals) => void } | undefined

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  hideSTARTTLS: true,
  disableReverseLookup: true,
  onData(stream, session, done) {
    stream.on('data', (chunk: Buffer) => (arrivals.bytes += chunk.length))
    stream.on('end', () => {
      const ns = nowNs()
      const to = session.envelope.rcptTo[0]?.address ?? ''
      if (!times.has(to)) times.set(to, ns)
      if (arrivals.count === 0) arrivals.firstNs = ns
      arrivals.count += 1
      arrivals.lastNs = ns
      done()
      tell()
    })
  },
})

function tell(): void {
  if (!waiting || arrivals.count < waiting.count) return
  waiting.resolve(arrivals)
  waiting = undefined
}

play<Sink>({
  open: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.server.address() as AddressInfo).port))
    }),
  clear() {
    arrivals = { count: 0, firstNs: 0, lastNs: 0, bytes: 0 }
    times.clear()
  },
  until: ({ count }) =>
    new Promise((resolve) => {
      waiting = { count, resolve }
      tell()
    }),
  times: () => [...times],
})
