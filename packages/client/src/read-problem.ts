import { type Problem, problemSchema } from '@portcullis/contracts/api/problem'
import type { EndpointName } from '@portcullis/contracts/api/index'
import { type ErrorCode, errors } from '@portcullis/contracts/errors'
import { z } from 'zod'
import { ProblemError } from './problem-error.ts'
import { parseJson } from './read-answer.ts'
import { loosen } from './loosen.ts'
import { readRetryAfter } from './retry-after.ts'

/** A newer server may have codes that are not in our catalogue. */
const tolerantProblem = loosen(problemSchema.extend({ code: z.string() }))

/** Reads a refusal. One without a problem in it, or with a code that is not known, is told by its status. */
export function readProblem(
  call: EndpointName,
  response: Response,
  bytes: Uint8Array<ArrayBuffer>,
  attempts: number,
): ProblemError {
  const { status, headers } = response
  const problem = bodyOf(headers, bytes)
  return new ProblemError({
    call,
    status,
    code: isErrorCode(problem?.code) ? problem.code : undefined,
    title: problem?.title,
    detail: problem?.detail,
    errors: problem?.errors ?? [],
    requestId: headers.get('x-request-id') ?? problem?.requestId,
    retryAfterSeconds: readRetryAfter(headers),
    attempts,
  })
}

function bodyOf(headers: Headers, bytes: Uint8Array<ArrayBuffer>): Problem | undefined {
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return undefined
  const read = tolerantProblem.safeParse(parseJson(new TextDecoder().decode(bytes)))
  // Guarantee: the schema of a problem, but for its code, which is judged before it is used.
  return read.success ? (read.data as Problem) : undefined
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errors, code)
}
