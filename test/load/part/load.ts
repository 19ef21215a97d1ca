import { setTimeout as wait } from 'node:timers/promises'
import { writeResetRequest } from '../request.ts'
import { quantile } from '../rounds.ts'
import { openConnection } from './connection.ts'
import { nowNs, play } from './play.ts'

/** What one round came to. */
export interface Volley {
  /** Answers per second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** How a round is driven. */
interface Drive {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** The only status that is no error. */
  readonly status: number
}

/** The load generator. */
export type Load = {
  /** Asks for resets as fast as answers come, each for an address of its own. Gives answers per second. */
  rate(input: { port: number; connections: number; seconds: number; prefix: string }): Promise<number>
  /** Takes ready-made requests under a name. */
  aim(input: { name: string; requests: string[] }): void
  /** Sends what was taken under a name, as fast as answers come, going on where the last round stopped. */
  volley(input: Drive & { name: string }): Promise<Volley>
  /** Asks each server in turn, one address after another at a steady pace. Gives when each 202 was there. */
  paced(input: { turns: { port: number; email: string }[]; everyMs: number }): Promise<[email: string, ns: number][]>
}

async function drive({ port, connections, seconds, status }: Drive, next: () => string): Promise<Volley> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(port)))
  const tookMs: number[] = []
  const endNs = nowNs() + seconds * 1e9
  await Promise.all(
    open.map(async (connection) => {
      for (;;) {
        const began = performance.now()
        const found = await connection.ask(next())
        if (found !== status) throw new Error(`status ${found}`)
        // What ends after the bell does not count.
        if (nowNs() > endNs) return
        tookMs.push(performance.now() - began)
      }
    }),
  )
  for (const connection of open) connection.close()
  return { rate: tookMs.length / seconds, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99) }
}

async function rate(input: Parameters<Load['rate']>[0]): Promise<number> {
  let asked = 0
  const next = () => writeResetRequest(input.port, `${input.prefix}-${(asked += 1)}@example.com`)
  return (await drive({ ...input, status: 202 }, next)).rate
}

const aimed = new Map<string, { readonly requests: readonly string[]; at: number }>()

function aim({ name, requests }: Parameters<Load['aim']>[0]): void {
  aimed.set(name, { requests, at: 0 })
}

async function volley({ name, ...input }: Parameters<Load['volley']>[0]): Promise<Volley> {
  const one = aimed.get(name)
  if (!one) throw new Error(`nothing was aimed at ${name}`)
  return drive(input, () => one.requests[one.at++ % one.requests.length] ?? '')
}

async function paced({ turns, everyMs }: Parameters<Load['paced']>[0]): Promise<[string, number][]> {
  const ports = [...new Set(turns.map((turn) => turn.port))]
  const open = new Map(await Promise.all(ports.map(async (port) => [port, await openConnection(port)] as const)))
  const accepted: [string, number][] = []
  for (const { port, email } of turns) {
    const status = await open.get(port)?.ask(writeResetRequest(port, email))
    accepted.push([email, nowNs()])
    if (status !== 202) throw new Error(`status ${status}`)
    // Jittered, or the pace could fall in step with a timer of the house.
    await wait(everyMs * (0.5 + Math.random()))
  }
  for (const connection of open.values()) connection.close()
  return accepted
}

play<Load>({ rate, aim, volley, paced })
