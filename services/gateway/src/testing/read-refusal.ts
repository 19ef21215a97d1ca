import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { endpoints } from '@portcullis/contracts/api/index'
import { type Problem, problemSchema } from '@portcullis/contracts/api/problem'
import { refusalsOf } from '@portcullis/contracts/api/refusal'
import { errors } from '@portcullis/contracts/errors'
import { answerHeaders } from '../http/answer-header.ts'

/** As much of an answer as is read here. */
interface AnyAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string> | Headers
  readonly body: string
  /** Path of the call; its refusals must be among those that the contract tells. */
  readonly path?: string
}

/**
 * Reads a refusal and holds it to all that every refusal promises: problem+json of the contract with the catalogue's
 * status and sentence, every security header, a request id in header and body, a code that the call documents.
 * Throws an error that names what is missing.
 */
export function checkRefusal(answer: AnyAnswer): Problem {
  const problem = problemSchema.parse(JSON.parse(answer.body))
  const header = (name: string) => answer.headers.get(name) ?? undefined
  must(header('content-type') === 'application/problem+json; charset=utf-8', `content-type ${header('content-type')}`)
  for (const [name, value] of answerHeaders) must(header(name) === value, `${name}: ${header(name)}`)
  must(header('set-cookie') === undefined, 'a cookie')
  must(header('server') === undefined && header('x-powered-by') === undefined, 'the name of a server')
  must(header('access-control-allow-origin') === undefined, 'a CORS header')
  must(problem.requestId !== '' && header('x-request-id') === problem.requestId, 'the request id differs')
  must(problem.status === answer.status && errors[problem.code].status === answer.status, `status ${answer.status}`)
  must(problem.title === errors[problem.code].title, `title ${problem.title}`)
  must(problem.type === `/docs/problems#${problem.code}`, `type ${problem.type}`)
  must((answer.status === 429 || answer.status === 503) === (header('retry-after') !== undefined), 'retry-after')
  const call = (Object.values(endpoints) as readonly Endpoint[]).find(({ path }) => path === answer.path)
  must(
    call === undefined || refusalsOf(call).includes(problem.code),
    `${problem.code} is not documented for ${answer.path}`,
  )
  return problem
}

/** The same for an answer of `fetch`. */
export async function readRefusal(response: Response): Promise<Problem> {
  const { status, headers, url } = response
  return checkRefusal({ status, headers, body: await response.text(), path: new URL(url).pathname })
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`this refusal breaks a promise: ${what}`)
}
