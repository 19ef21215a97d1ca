import { setTimeout as wait } from 'node:timers/promises'
import { openConnection } from './connection.ts'
import { nowNs, play } from './play.ts'

/** The load generator. */
export type Load = {
  /** Asks as fast as answers come, on so many connections. Gives answers per second; any but 202 is an error. */
  rate(input: { port: number; connections: number; seconds: number; prefix: string }): Promise<number>
  /** Asks each server in turn, one address after another at a steady pace. Gives when each 202 was there. */
  paced(input: { turns: { port: number; email: string }[]; everyMs: number }): Promise<[email: string, ns: number][]>
}

async function rate({ port, connections, seconds, prefix }: Parameters<Load['rate']>[0]): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(port)))
  let asked = 0
  let answered = 0
  const endNs = nowNs() + seconds * 1e9
  await Promise.all(
    open.map(async (connection) => {
      for (;;) {
        const status = await connection.ask(`${prefix}-${(asked += 1)}@example.com`)
        if (status !== 202) throw new Error(`status ${status}`)
        // What ends after the bell does not count.
        if (nowNs() > endNs) return
        answered += 1
      }
    }),
  )
  for (const connection of open) connection.close()
  return answered / seconds
}

async function paced({ turns, everyMs }: Parameters<Load['paced']>[0]): Promise<[string, number][]> {
  const ports = [...new Set(turns.map((turn) => turn.port))]
  const open = new Map(await Promise.all(ports.map(async (port) => [port, await openConnection(port)] as const)))
  const accepted: [string, number][] = []
  for (const { port, email } of turns) {
    const status = await open.get(port)?.ask(email)
    accepted.push([email, nowNs()])
    if (status !== 202) throw new Error(`status ${status}`)
    // Jittered, or the pace could fall in step with a timer of the house.
    await wait(everyMs * (0.5 + Math.random()))
  }
  for (const connection of open.values()) connection.close()
  return accepted
}

play<Load>({ rate, paced })
