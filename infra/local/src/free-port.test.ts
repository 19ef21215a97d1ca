import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, freePorts } from './free-port.ts'

test('a wanted port is given when it is free, and another when it is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const taken = typeof address === 'object' && address ? address.port : 0
  const instead = await freePort(taken)
  expect(instead).not.toBe(taken)
  expect(instead).toBeGreaterThan(0)
  await new Promise((closed) => server.close(closed))
  expect(await freePort(taken)).toBe(taken)
})

test('many ports are all different', async () => {
  expect(new Set(await freePorts(50)).size).toBe(50)
})

test('no port is one that an outgoing connection may take meanwhile', async () => {
  for (const port of await freePorts(50)) expect(port).toBeLessThan(32_768)
})

test('who asks at once is given different ports', async () => {
  expect(new Set(await Promise.all(Array.from({ length: 50 }, () => freePort()))).size).toBe(50)
})
