import { errors, Failure } from '@portcullis/contracts/errors'
import { type Problem, problemTypeBase } from '@portcullis/contracts/api/problem'
import type { Context } from 'hono'
import type { Env } from './env.ts'

/** The one mapper of refusals to answers (RFC 9457). Tells the catalogue's sentence, never the cause. */
export function answerProblem(c: Context<Env>, failure: Failure): Response {
  const { status, title } = errors[failure.code]
  const problem: Problem = {
    type: problemTypeBase + failure.code,
    code: failure.code,
    title,
    status,
    detail: failure.faults.length === 0 ? title : `${title} See errors.`,
    requestId: c.get('caller')?.requestId ?? '',
    ...(failure.faults.length === 0 ? {} : { errors: [...failure.faults] }),
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json; charset=utf-8' }
  if (failure.retryAfterSeconds !== undefined) headers['retry-after'] = String(failure.retryAfterSeconds)
  return c.body(JSON.stringify(problem), status, headers)
}
