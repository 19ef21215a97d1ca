import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { newUuid } from '@portcullis/runtime/id'
import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { sharedRedisUrl } from './provided.ts'

/** The shared Redis as one test file may treat it: behind a gate of its own, under a prefix of its own. */
export interface TestRedis {
  /** Leads through the gate. */
  readonly url: string
  readonly prefix: string
  /** A client that goes past the gate: what the test itself asks. */
  readonly client: Redis
  /** As when the server is killed: connections are reset, and new ones too, until `open`. */
  shut(): void
  /** As when the network swallows everything: connections stay, nothing comes through, until `open` resets them. */
  freeze(): void
  open(): void
  /** What a FLUSHALL, or a failover to an empty replica, is to whoever uses this prefix. */
  flush(): Promise<void>
}

/** Makes a gate before the shared Redis for this test file; `undefined` where no Redis can be had. */
export function useRedis(): TestRedis | undefined {
  const target = sharedRedisUrl()
  if (target === undefined) return undefined
  const gate = createGate(new URL(target))
  const client = new Redis(target, { lazyConnect: true })
  const prefix = `t-${newUuid()}`
  let url = ''
  beforeAll(async () => {
    const through = new URL(target)
    through.hostname = '127.0.0.1'
    through.port = String(await gate.listen())
    url = through.href
  })
  afterAll(async () => {
    await flush(client, prefix)
    client.disconnect()
    await gate.close()
  })
  return {
    get url() {
      return url
    },
    prefix,
    client,
    shut: () => gate.be('shut'),
    freeze: () => gate.be('frozen'),
    open: () => gate.be('open'),
    flush: () => flush(client, prefix),
  }
}

async function flush(client: Redis, prefix: string): Promise<void> {
  const keys = await client.keys(`${prefix}:*`)
  if (keys.length > 0) await client.del(...keys)
}

/** Keeps its port while it is shut, so that nobody else can take it. */
function createGate(target: URL) {
  const pairs = new Set<readonly [Socket, Socket]>()
  const held = new Set<Socket>()
  let state: 'open' | 'shut' | 'frozen' = 'open'

  const server = createServer((inside) => {
    inside.on('error', () => {})
    if (state === 'shut') return void inside.resetAndDestroy()
    if (state === 'frozen') return void held.add(inside)
    const outside = connect(Number(target.port || 6379), target.hostname)
    outside.on('error', () => {})
    const pair = [inside, outside] as const
    pairs.add(pair)
    inside.pipe(outside)
    outside.pipe(inside)
    for (const socket of pair) {
      socket.on('close', () => {
        pairs.delete(pair)
        for (const one of pair) one.destroy()
      })
    }
  })

  function reset(): void {
    for (const [inside, outside] of pairs) {
      inside.resetAndDestroy()
      outside.destroy()
    }
    for (const inside of held) inside.resetAndDestroy()
    held.clear()
  }

  return {
    async listen(): Promise<number> {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    be(next: typeof state): void {
      if (next === 'shut' || state === 'frozen') reset()
      state = next
      if (next !== 'frozen') return
      for (const [inside, outside] of pairs) {
        inside.unpipe(outside).resume()
        outside.unpipe(inside).resume()
      }
    },
    async close(): Promise<void> {
      const closed = once(server, 'close')
      server.close()
      reset()
      await closed
    },
  }
}
