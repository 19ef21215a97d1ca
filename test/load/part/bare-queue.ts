import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { play } from './play.ts'

/** Both ends of a plain BullMQ queue; started once as the one that adds and once as the worker. */
export type BareQueue = {
  open(input: { redisUrl: string; prefix: string; worker?: { concurrency: number } }): Promise<void>
  /** Adds jobs in bulks of `chunk`, one after another. */
  enqueue(input: { count: number; chunk: number }): Promise<void>
  /** Resolves when `count` more jobs are completed. */
  until(input: { count: number }): Promise<void>
}

const name = 'bare'
let queue: Queue | undefined
let completed = 0
let waiting: { count: number; resolve: () => void } | undefined

play<BareQueue>({
  async open({ redisUrl, prefix, worker }) {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
    if (!worker) {
      queue = new Queue(name, { connection, prefix, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
      return
    }
    const bare = new Worker(name, async () => undefined, { connection, prefix, concurrency: worker.concurrency })
    bare.on('completed', () => {
      completed += 1
      if (waiting && completed >= waiting.count) waiting.resolve()
    })
    await bare.waitUntilReady()
  },
  async enqueue({ count, chunk }) {
    for (let at = 0; at < count; at += chunk) {
      const jobs = Array.from({ length: Math.min(chunk, count - at) }, (_, place) => ({
        name: 'send.notice',
        data: { noticeId: at + place },
      }))
      await queue?.addBulk(jobs)
    }
  },
  async until({ count }) {
    const all = Promise.withResolvers<void>()
    waiting = { count, resolve: all.resolve }
    if (completed >= count) all.resolve()
    await all.promise
    completed = 0
    waiting = undefined
  },
})
