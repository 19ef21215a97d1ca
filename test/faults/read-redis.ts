import type { Redis } from 'ioredis'
import type { Place } from './find-secret.ts'

const readers: Readonly<Record<string, (redis: Redis, key: string) => Promise<unknown>>> = {
  string: (redis, key) => redis.get(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, '0', '-1'),
  hash: (redis, key) => redis.hgetall(key),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
}

/** All keys of a Redis and what they hold. Throws on a type that it cannot read. */
export async function readRedis(redis: Redis): Promise<Place[]> {
  const places: Place[] = []
  for await (const keys of redis.scanStream({ count: 1000 })) {
    for (const key of keys as string[]) {
      const type = await redis.type(key)
      // Gone since it was listed.
      if (type === 'none') continue
      const read = readers[type]
      if (!read) throw new Error(`cannot read a ${type}`)
      places.push({ where: `redis ${type} ${key}`, text: `${key} ${plain(await read(redis, key))}` })
    }
  }
  return places
}

/** Every text in a value, as it is: JSON would escape it once more. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(' ')
  if (typeof value === 'object' && value !== null) return plain(Object.entries(value))
  return String(value)
}
