import { errors, type Failure } from '@portcullis/contracts/errors'
import { type Problem, problemTypeBase } from '@portcullis/contracts/api/problem'
import { newUuid } from '@portcullis/runtime/id'
import type { Context } from 'hono'
import { answerFramed } from './answer.ts'
import { answerHeaders } from './answer-header.ts'
import type { Env } from './env.ts'

/** When to come back, where nobody knows better: whole seconds by status. */
const retryAfterSeconds: Readonly<Record<number, number>> = { 429: 1, 503: 2 }

/** A refusal, ready to be sent. */
interface ProblemAnswer {
  readonly status: (typeof errors)[keyof typeof errors]['status']
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The one mapper of refusals to answers (RFC 9457). Tells the catalogue's sentence, never the cause. */
function problemAnswer(failure: Failure, requestId: string): ProblemAnswer {
  const { status, title } = errors[failure.code]
  const faults = failure.faults
  const problem: Problem = {
    type: problemTypeBase + failure.code,
    code: failure.code,
    title,
    status,
    detail: faults.length === 0 ? title : `${title} See errors.`,
    requestId,
    ...(faults.length === 0 ? {} : { errors: [...faults] }),
  }
  const comeBack = failure.retryAfterSeconds ?? retryAfterSeconds[status]
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    ...(comeBack !== undefined && { 'retry-after': String(comeBack) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
  return { status, headers, body: JSON.stringify(problem) }
}

/** Answers with a refusal, inside the frame. */
export function answerProblem(
  c: Context<Env>,
  failure: Failure,
  further: Readonly<Record<string, string>> = {},
): Response {
  c.set('refusal', failure)
  const { status, headers, body } = problemAnswer(failure, c.get('caller').requestId)
  const all = { ...headers, ...further }
  if (!c.get('bareRefusals')) return answerFramed(c, status, body, all)
  const { 'content-type': _none, ...rest } = all
  return answerFramed(c, status, null, rest)
}

/** The same for a request that is too broken to reach the frame: with every header that the frame would add. */
export function bareProblem(failure: Failure): {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
} {
  const requestId = newUuid()
  const { status, headers, body } = problemAnswer(failure, requestId)
  return { status, headers: { ...headers, ...Object.fromEntries(answerHeaders), 'x-request-id': requestId }, body }
}
