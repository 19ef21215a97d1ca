import { Failure } from '@portcullis/contracts/errors'
import { newId } from '@portcullis/runtime/id'
import { expect, it } from 'vitest'
import { failed } from './outcome.ts'
import { errorCodeOf, settle } from './settle.ts'

it('waits between attempts grow, and stay below ten minutes', () => {
  const waits = (attempts: number) =>
    Array.from({ length: 200 }, () => {
      const job = {
        id: newId('job'),
        message: 'send.notice',
        version: 1,
        hearer: 'notifier',
        payload: {},
        attempts,
        epoch: 0,
        generation: 1,
        createdAt: new Date(),
        ageSeconds: 0,
        operationId: null,
        traceparent: null,
        begun: false,
      } as const
      return settle(job, failed('x'), false).delayMs
    })
  for (const [attempts, most] of [
    [0, 1000],
    [1, 2000],
    [4, 16_000],
    [18, 600_000],
  ] as const) {
    const seen = waits(attempts)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...seen)).toBeLessThanOrEqual(most)
    expect(Math.max(...seen)).toBeGreaterThan(most / 2)
  }
})

it('the ledger gets a code and never the text of an error', () => {
  const coded = (code: unknown) => Object.assign(new Error('to owner@example.com'), { code })
  expect(errorCodeOf(new Failure('rate_limited', { internal: 'secret' }))).toBe('rate_limited')
  expect(errorCodeOf(coded('ECONNRESET'))).toBe('econnreset')
  expect(errorCodeOf(coded('23505'))).toBe('23505')
  expect(errorCodeOf(coded('owner@example.com'))).toBe('unexpected_error')
  expect(errorCodeOf(coded('a'.repeat(41)))).toBe('unexpected_error')
  expect(errorCodeOf(new DOMException('aborted', 'AbortError'))).toBe('unexpected_error')
  expect(errorCodeOf(new Error('owner@example.com'))).toBe('unexpected_error')
  expect(errorCodeOf('owner@example.com')).toBe('unexpected_error')
})
