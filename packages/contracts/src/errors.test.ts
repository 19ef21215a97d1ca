import { expect, it } from 'vitest'
import { problemSchema } from './api/problem.ts'
import { errorHelp } from './error-help.ts'
import { errors, Failure } from './errors.ts'

it('every code of the catalogue has a status of refusal, a public sentence and its documentation', () => {
  for (const [code, { status, title, retry }] of Object.entries(errors)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(status, code).toBeGreaterThanOrEqual(400)
    expect(title, code).toMatch(/^[A-Z].*\.$/)
    expect(retry, code).toBe(status === 429 || status >= 500)
    expect(problemSchema.shape.code.options).toContain(code)
  }
  expect(Object.keys(errorHelp).toSorted()).toEqual(Object.keys(errors).toSorted())
})

it('what a failure says to the operator is not what it says to the caller', () => {
  const failure = new Failure('store_unavailable', { internal: 'no answer within 20 ms' })
  expect(failure.message).toBe('no answer within 20 ms')
  expect(errors[failure.code].title).not.toContain('20 ms')
  expect(new Failure('not_found').message).toBe(errors.not_found.title)
})
