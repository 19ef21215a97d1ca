import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import type { EndpointName } from '@portcullis/contracts/api/index'
import type { z } from 'zod'
import { AnswerError } from './answer-error.ts'
import { loosen } from './loosen.ts'

/** A success, read by the schema of its call and status. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

const loosened = new WeakMap<z.ZodType, z.ZodType>()

/** Reads a success. Throws `AnswerError` where it is not what the contract says; fields that are not known are dropped. */
export function readAnswer(
  endpoint: Endpoint & { readonly name: EndpointName },
  response: Response,
  bytes: Uint8Array<ArrayBuffer>,
): Answer {
  const { status, headers } = response
  const requestId = headers.get('x-request-id') ?? undefined
  const wrong = (pointers: readonly string[] = []) =>
    new AnswerError({ call: endpoint.name, status, requestId, pointers })
  const schema = endpoint.answers[status]
  if (schema === undefined) throw wrong()
  if (schema === null) return { status, body: null, headers }
  if (endpoint.media === 'application/octet-stream') return { status, body: bytes, headers }
  const text = new TextDecoder().decode(bytes)
  if (endpoint.media !== undefined) return { status, body: text, headers }
  const read = tolerant(schema).safeParse(parseJson(text))
  if (!read.success)
    throw wrong(read.error.issues.map((issue) => issue.path.map((part) => `/${String(part)}`).join('')))
  return { status, body: read.data, headers }
}

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tolerant(schema: z.ZodType): z.ZodType {
  const known = loosened.get(schema) ?? loosen(schema)
  loosened.set(schema, known)
  return known
}
