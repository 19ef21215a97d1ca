import { createLogger } from '@portcullis/runtime/log'
import { newId } from '@portcullis/runtime/id'
import type { Dispatch } from '@portcullis/db/queries/job'
import { useRedis } from '@portcullis/testkit/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPublisher, type Publisher, type PublisherOptions } from './publisher.ts'
import { jobIdOf } from './queue-name.ts'

const redis = useRedis()
const log = createLogger({ service: 'test', level: 'silent' })
const open: Publisher[] = []
beforeEach(async () => {
  redis?.open()
  await redis?.flush()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

function publisher(given: Partial<PublisherOptions> = {}): Publisher {
  const made = createPublisher({
    redisUrl: redis!.url,
    hearers: ['notifier', 'reset-mailer'],
    log,
    prefix: redis!.prefix,
    ...given,
  })
  open.push(made)
  return made
}

/** A publisher whose Redis has answered. */
async function ready(given: Partial<PublisherOptions> = {}): Promise<Publisher> {
  const answered = Promise.withResolvers<void>()
  const made = publisher({ ...given, onChange: (answers) => answers && answered.resolve() })
  await answered.promise
  return made
}

const dispatch = (given: Partial<Dispatch> = {}): Dispatch => ({
  id: newId('job'),
  generation: 1,
  hearer: 'notifier',
  message: 'send.notice',
  ...given,
})

const waitingIn = (hearer: string) => redis!.client.lrange(`${redis!.prefix}:${hearer}:wait`, 0, -1)

describe.runIf(redis)('a publisher', () => {
  it('adds each job to the queue of its hearer, under its name and generation, and carries nothing else', async () => {
    const [one, two] = [dispatch(), dispatch({ hearer: 'reset-mailer', message: 'reset.requested', generation: 3 })]
    await (await ready()).publish([one, two])
    expect(await waitingIn('notifier')).toEqual([jobIdOf(one)])
    expect(await waitingIn('reset-mailer')).toEqual([`${two.id}_3`])
    const stored = await redis!.client.hgetall(`${redis!.prefix}:reset-mailer:${jobIdOf(two)}`)
    expect(stored).toMatchObject({ name: 'reset.requested', data: '{}' })
  })

  it('adds a job once, however often it is published', async () => {
    const one = dispatch()
    const queue = await ready()
    await Promise.all([queue.publish([one, one]), queue.publish([one])])
    expect(await waitingIn('notifier')).toEqual([jobIdOf(one)])
  })

  it('tells how much room each queue has left', async () => {
    const queue = await ready({ windowJobs: 3 })
    await queue.publish([dispatch(), dispatch()])
    expect(await queue.measureRooms()).toEqual([
      { hearer: 'notifier', most: 1 },
      { hearer: 'reset-mailer', most: 3 },
    ])
    await queue.publish([dispatch(), dispatch()])
    expect((await queue.measureRooms())[0]).toEqual({ hearer: 'notifier', most: 0 })
  })

  it('finds which jobs are in their queue no more, and that its marker is gone after a flush', async () => {
    const queue = await ready()
    const [kept, lost] = [dispatch(), dispatch()]
    await queue.publish([kept])
    expect(await queue.listMissing([kept, lost])).toEqual([lost])
    expect(await queue.hasMarker()).toBe(false)
    await queue.setMarker()
    expect(await queue.hasMarker()).toBe(true)
    await redis!.flush()
    expect(await queue.hasMarker()).toBe(false)
    expect(await queue.listMissing([kept, lost])).toEqual([kept, lost])
  })

  it('made while Redis is away fails at once, and works when it is there', async () => {
    redis!.shut()
    const changes: boolean[] = []
    const queue = publisher({ onChange: (answers) => changes.push(answers) })
    expect(queue.answers()).toBe(false)
    await expect(queue.hasMarker()).rejects.toThrow()
    redis!.open()
    await vi.waitFor(() => expect(queue.answers()).toBe(true), { timeout: 5000, interval: 10 })
    const one = dispatch()
    await queue.publish([one])
    expect(await waitingIn('notifier')).toEqual([jobIdOf(one)])
    expect(changes).toEqual([true])
  })

  it('whose Redis is killed fails soon, says so, and goes on when it is back', async () => {
    const queue = await ready()
    redis!.shut()
    const began = performance.now()
    await expect(queue.publish([dispatch()])).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(5500)
    await vi.waitFor(() => expect(queue.answers()).toBe(false), { timeout: 2000, interval: 10 })
    redis!.open()
    await vi.waitFor(() => expect(queue.answers()).toBe(true), { timeout: 5000, interval: 10 })
    await queue.publish([dispatch()])
  })

  it('whose connection swallows everything gives up within its deadline', async () => {
    const queue = await ready()
    redis!.freeze()
    const began = performance.now()
    await expect(queue.publish([dispatch()])).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(5500)
  })

  it('that is closed tells nobody that Redis is away', async () => {
    const changes: boolean[] = []
    const queue = publisher({ onChange: (answers) => changes.push(answers) })
    await vi.waitFor(() => expect(queue.answers()).toBe(true), { interval: 10 })
    await open.pop()?.close()
    // Its sockets are closed by now, and what that brings about has happened.
    for (let trip = 0; trip < 10; trip += 1) await redis!.client.ping()
    expect(changes).toEqual([true])
  })

  it('closes soon, also while Redis is away', async () => {
    const queue = await ready()
    redis!.shut()
    await vi.waitFor(() => expect(queue.answers()).toBe(false), { timeout: 2000, interval: 10 })
    const began = performance.now()
    await open.pop()?.close()
    expect(performance.now() - began).toBeLessThan(2000)
  })
})
