import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nowNs, play } from './play.ts'
import type { Arrivals } from './sink.ts'

/** A receiver of webhooks that takes everything with 204 and keeps nothing but when it came. */
export type HookSink = {
  /** Listens and gives its port. */
  open(input: undefined): Promise<number>
  clear(input: undefined): void
  /** Resolves when so many deliveries have come since `clear`. */
  until(input: { count: number }): Promise<Arrivals>
}

let arrivals = { count: 0, firstNs: 0, lastNs: 0, bytes: 0 }
let waiting: { count: number; resolve: (found: Arrivals) => void } | undefined

const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => (arrivals.bytes += chunk.length))
  request.on('end', () => {
    const ns = nowNs()
    if (arrivals.count === 0) arrivals.firstNs = ns
    arrivals.count += 1
    arrivals.lastNs = ns
    response.writeHead(204).end()
    tell()
  })
})

function tell(): void {
  if (!waiting || arrivals.count < waiting.count) return
  waiting.resolve(arrivals)
  waiting = undefined
}

play<HookSink>({
  open: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    }),
  clear() {
    arrivals = { count: 0, firstNs: 0, lastNs: 0, bytes: 0 }
  },
  until: ({ count }) =>
    new Promise((resolve) => {
      waiting = { count, resolve }
      tell()
    }),
})
