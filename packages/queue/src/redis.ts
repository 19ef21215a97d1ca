import { Redis } from 'ioredis'

/**
 * Settings of connections that publish: fail at once rather than wait, for the ledger keeps the job either way.
 * - `maxRetriesPerRequest: 1`, `enableOfflineQueue: false`: with the defaults an `add` hangs for ever while Redis is away.
 * - `commandTimeout: 3000`: a half-open connection answers nothing and reports nothing.
 * - `socketTimeout: 10000`: such a connection is given up.
 */
const producerOptions = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 3000,
  socketTimeout: 10_000,
}

/**
 * Settings of a worker's connections.
 * - `maxRetriesPerRequest: null`: BullMQ demands it; its blocking call waits out an outage.
 * - `socketTimeout: 20000`: must exceed the longest block (10 s), and ends a half-open connection.
 */
const workerOptions = { maxRetriesPerRequest: null, socketTimeout: 20_000 }

/** At most a second between attempts, so that the house is back on its queues soon after Redis is. */
const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 1000)

/** Opens a connection for publishing and asking. Errors are reported, never thrown. */
export function connectProducer(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, { ...producerOptions, retryStrategy })
  redis.on('error', onError)
  return redis
}

/** Opens a connection for a worker. Errors are reported, never thrown. */
export function connectWorker(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, { ...workerOptions, retryStrategy })
  redis.on('error', onError)
  return redis
}

/** Whether Redis answers, asked once a second. */
export interface RedisWatch {
  /** The latest finding; `false` before the first. */
  answers(): boolean
  /** Ends the watch: the finding changes no more. */
  close(): void
}

/** Watches Redis by asking it: an open socket proves nothing. `onChange` is called when the finding changes. */
export function watchRedis(redis: Redis, onChange: (answers: boolean) => void, everyMs = 1000): RedisWatch {
  let answers = false
  let closed = false
  let asking: Promise<boolean> | undefined
  const ask = async (): Promise<boolean> => {
    const found = await redis.ping().then(
      () => true,
      () => false,
    )
    // The end of its own connection says nothing about Redis.
    if (closed) return answers
    if (found !== answers) {
      answers = found
      onChange(found)
    }
    return found
  }
  const askOnce = (): Promise<boolean> => (asking ??= ask().finally(() => (asking = undefined)))
  const timer = setInterval(() => void askOnce(), everyMs)
  redis.on('ready', () => void askOnce())
  redis.on('close', () => void askOnce())
  const close = (): void => {
    closed = true
    clearInterval(timer)
  }
  return { answers: () => answers, close }
}
