import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A TCP port of this machine that nobody listens on: `prefer` where it is free, else one the system picks.
 * Another process may take it before the caller binds; who needs certainty binds, and asks again on a clash.
 */
export async function freePort(prefer = 0, host = '127.0.0.1'): Promise<number> {
  return (
    (await tryPort(prefer, host)) ?? (await tryPort(0, host)) ?? Promise.reject(new Error(`no free port on ${host}`))
  )
}

/** So many ports that nobody listens on, all different, as the system picks them. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports = servers.map(async (server) => {
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  const found = await Promise.all(ports)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return found
}

function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}
