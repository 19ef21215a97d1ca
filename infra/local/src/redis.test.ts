import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, type TestContext } from 'vitest'
import { pingRedis } from './redis-ping.ts'
import { type Redis, startRedis } from './redis.ts'

const dir = mkdtempSync(join(tmpdir(), 'redis-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One inline command; answers with the first lines that come back. */
async function say(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${command}\r\n`)
  const [reply] = await once(socket.setEncoding('utf8'), 'data')
  socket.destroy()
  return String(reply)
}

/** A machine without Redis and without a way to get one cannot run these; the run says so. */
function orSkip(found: Redis | { unavailable: string }, context: TestContext): Redis {
  if ('unavailable' in found) return context.skip(`no Redis: ${found.unavailable}`)
  return found
}

test('data survives an orderly restart, on the same port, and eviction is off', async (context) => {
  const redis = orSkip(await startRedis({ dir: join(dir, 'kept'), durable: true }), context)
  try {
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
    expect(await say(redis.port, 'SET word kept')).toBe('+OK\r\n')
    await redis.restart()
    expect(await say(redis.port, 'GET word')).toBe('$4\r\nkept\r\n')
    expect(await say(redis.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction')
  } finally {
    await redis.stop()
  }
  expect(await pingRedis(redis.port)).toBe(false)
})

test('a killed server is gone when the call returns, tells nobody, and can be started again on its port', async (context) => {
  let surprises = 0
  const options = { dir: join(dir, 'killed'), durable: false, onUnexpectedExit: () => void surprises++ }
  const redis = orSkip(await startRedis(options), context)
  try {
    await redis.kill()
    expect(await pingRedis(redis.port)).toBe(false)
    await redis.restart()
    expect(await pingRedis(redis.port)).toBe(true)
    expect(surprises).toBe(0)
  } finally {
    await redis.stop()
  }
})

test('an end that nobody asked for is told, once', async (context) => {
  const died = Promise.withResolvers<void>()
  const options = { dir: join(dir, 'died'), durable: false, onUnexpectedExit: died.resolve }
  const redis = orSkip(await startRedis(options), context)
  const session = connect(redis.port, '127.0.0.1')
  session.write('SHUTDOWN NOSAVE\r\n')
  await died.promise
  session.destroy()
  await redis.stop()
})
