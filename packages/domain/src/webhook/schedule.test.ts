import { describe, expect, it } from 'vitest'
import { type AttemptEnd, judgeAttempt } from './schedule.ts'

const now = new Date('2026-11-22T09:00:00Z')

function answered(status: number, retryAfter: string | null = null): AttemptEnd {
  return { kind: 'answered', status, retryAfter }
}

describe('an attempt that was', () => {
  it.each([200, 201, 202, 204, 299])('answered with %i is delivered', (status) => {
    expect(judgeAttempt(answered(status), 1, now, 0)).toEqual({ kind: 'delivered' })
  })

  it('answered with 410 is over, for the endpoint as well', () => {
    expect(judgeAttempt(answered(410), 1, now, 0)).toEqual({ kind: 'dead', code: 'gone', gone: true })
  })

  it.each([199, 301, 302, 307, 308, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504])(
    'answered with %i is made again',
    (status) => {
      expect(judgeAttempt(answered(status), 1, now, 0)).toEqual({
        kind: 'retry',
        delayMs: 5000,
        code: `http_${status}`,
      })
    },
  )

  it('not answered is made again', () => {
    const end: AttemptEnd = { kind: 'unanswered', code: 'timeout' }
    expect(judgeAttempt(end, 2, now, 0)).toEqual({ kind: 'retry', delayMs: 300_000, code: 'timeout' })
  })
})

it('there are ten attempts, after the waits of the standard; then it is dead', () => {
  const delays = Array.from({ length: 9 }, (_, done) => {
    const verdict = judgeAttempt(answered(500), done + 1, now, 0)
    return verdict.kind === 'retry' ? verdict.delayMs / 1000 : verdict.kind
  })
  expect(delays).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400])
  expect(judgeAttempt(answered(500), 10, now, 0)).toEqual({ kind: 'dead', code: 'http_500', gone: false })
  expect(judgeAttempt(answered(200), 10, now, 0)).toEqual({ kind: 'delivered' })
})

it('chance adds a tenth at most, so that many do not come back together', () => {
  expect(judgeAttempt(answered(500), 2, now, 0.999)).toMatchObject({ delayMs: 329_970 })
})

describe('Retry-After', () => {
  it.each([
    [429, '60', 60],
    [502, '60', 60],
    [503, '60', 60],
    [504, 'Sun, 22 Nov 2026 09:02:00 GMT', 120],
    [429, '999999999', 86_400],
    [429, '1', 5],
    [429, 'Sun, 22 Nov 2026 08:00:00 GMT', 5],
    [429, 'soon', 5],
    [429, '-60', 5],
    [500, '60', 5],
  ])('of %i that says %s makes the wait %i seconds', (status, text, seconds) => {
    expect(judgeAttempt(answered(status, text), 1, now, 0)).toMatchObject({ delayMs: seconds * 1000 })
  })
})
