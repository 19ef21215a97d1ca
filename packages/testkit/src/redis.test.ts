import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useRedis } from './redis.ts'

const redis = useRedis()
let guest: Redis
beforeEach(() => {
  redis?.open()
  if (redis) guest = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  guest?.on('error', () => {})
})
afterEach(() => guest?.disconnect())

describe.runIf(redis)('the gate before the shared Redis', () => {
  it('lets everything through while it is open', async () => {
    await guest.set(`${redis!.prefix}:word`, 'through')
    expect(await redis!.client.get(`${redis!.prefix}:word`)).toBe('through')
  })

  it('that is shut resets connections, lets no new one in, and opens again', async () => {
    await guest.ping()
    const closed = new Promise((resolve) => guest.once('close', resolve))
    redis!.shut()
    await closed
    await expect(guest.connect()).rejects.toThrow()
    redis!.open()
    await guest.connect()
    expect(await guest.ping()).toBe('PONG')
  })

  it('that is frozen keeps connections and lets nothing through', async () => {
    await guest.ping()
    redis!.freeze()
    let answered = false
    const asked = guest.set(`${redis!.prefix}:frozen`, '1').then(
      () => (answered = true),
      () => {},
    )
    for (let trip = 0; trip < 5; trip += 1) await redis!.client.ping()
    expect([answered, guest.status]).toEqual([false, 'ready'])
    redis!.open()
    await asked
    expect(await redis!.client.exists(`${redis!.prefix}:frozen`)).toBe(0)
  })

  it('a flush takes what is under this prefix, and nothing of others', async () => {
    const other = `other-${redis!.prefix}`
    await redis!.client.set(other, '1')
    await guest.set(`${redis!.prefix}:word`, '1')
    await redis!.flush()
    expect(await guest.exists(`${redis!.prefix}:word`)).toBe(0)
    expect(await redis!.client.del(other)).toBe(1)
  })
})
