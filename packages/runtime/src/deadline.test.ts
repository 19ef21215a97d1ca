import { expect, test } from 'vitest'
import { DeadlineExceeded, withDeadline } from './deadline.ts'

test('work that ends in time gives its result or its own failure', async () => {
  await expect(withDeadline(60_000, 'work', async () => 'done')).resolves.toBe('done')
  await expect(withDeadline(60_000, 'work', () => Promise.reject(new TypeError('own')))).rejects.toThrow(TypeError)
  const throwing = withDeadline(60_000, 'work', () => {
    throw new TypeError('before any promise')
  })
  await expect(throwing).rejects.toThrow(TypeError)
})

test('work that takes too long is rejected by name and told to stop', async () => {
  let seen: AbortSignal | undefined
  const late = withDeadline(5, 'the call', (signal) => {
    seen = signal
    return new Promise(() => {})
  })
  const error: unknown = await late.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeadlineExceeded)
  expect(error).toMatchObject({ what: 'the call', ms: 5, message: 'the call: not done within 5 ms' })
  expect(seen?.aborted).toBe(true)
  expect(seen?.reason).toBe(error)
})

test('work that fails after its deadline is not an unhandled rejection', async () => {
  // The runner fails a file on an unhandled rejection, so this test can fail.
  const failure = Promise.withResolvers<never>()
  const late = withDeadline(1, 'the call', () => failure.promise)
  await expect(late).rejects.toThrow(DeadlineExceeded)
  failure.reject(new Error('too late to matter'))
  await new Promise(setImmediate)
})

test('no timer is left behind, and one beyond the reach of a timer does not fire at once', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  await withDeadline(10 ** 12, 'work', () => new Promise<void>((resolve) => setImmediate(resolve)))
  await withDeadline(60_000, 'work', async () => {}).catch(() => {})
  await withDeadline(60_000, 'work', () => Promise.reject(new Error('own'))).catch(() => {})
  expect(timers()).toBe(before)
})
