import { createServer } from 'node:net'

/**
 * Below what systems take for outgoing connections (Linux from 32,768, others from 49,152): none of those can take a port
 * between here and the moment at which somebody listens on it.
 */
const first = 20_000
const count = 12_000
/** Processes begin far from each other, so that two that ask at once are given different ports. */
let next = (process.pid * 37) % count

/**
 * A TCP port of this machine that nobody listens on: `prefer` where it is free, else one that this process gave to nobody else.
 * Another process may take it before the caller binds; who needs certainty binds, and asks again on a clash.
 * @throws Error where no port is free.
 */
export async function freePort(prefer = 0, host = '127.0.0.1'): Promise<number> {
  if (prefer > 0 && (await isFree(prefer, host))) return prefer
  for (let tries = 0; tries < count; tries += 1) {
    const port = first + next
    next = (next + 1) % count
    if (await isFree(port, host)) return port
  }
  throw new Error(`no free port on ${host}`)
}

/** So many ports that nobody listens on, all different. */
export async function freePorts(many: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < many) found.push(await freePort())
  return found
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
