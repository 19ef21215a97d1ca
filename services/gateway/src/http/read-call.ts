import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { Failure } from '@portcullis/contracts/errors'
import type { Context } from 'hono'
import type { z } from 'zod'
import { checkInput } from './check-input.ts'
import type { Env } from './env.ts'
import { readFormBody, readJsonBody, readRawJson } from './read-body.ts'

/** The body of a call, checked by its schema; of a signed one the bytes as they came, as whoever checks the signature parses them. */
export async function readBody(c: Context<Env>, endpoint: Endpoint, usualBytesMost: number): Promise<unknown> {
  const bytesMost = endpoint.bodyBytesMost ?? usualBytesMost
  if (endpoint.bodyType === 'signed') return readRawJson(c, bytesMost)
  if (!endpoint.body) return undefined
  return checkInput(endpoint.body, await (endpoint.bodyType === 'form' ? readFormBody : readJsonBody)(c, bytesMost))
}

/** A path that no thing can have is answered like one that nothing has. */
export function readParams(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  if (!parsed.success) throw new Failure('not_found')
  return parsed.data
}

/** Query parameters where the call has some; each once. Any other is a mistake, or a secret in the wrong place. */
export function readQuery(endpoint: Endpoint, target: string | undefined): unknown {
  const at = target?.indexOf('?') ?? -1
  const entries = at < 0 || target === undefined ? [] : [...new URLSearchParams(target.slice(at + 1))]
  if (endpoint.query) {
    if (new Set(entries.map(([name]) => name)).size !== entries.length)
      throw parameterFault('duplicate_parameter', 'is given twice')
    return checkInput(endpoint.query, Object.fromEntries(entries))
  }
  if (entries.length > 0) throw parameterFault('unknown_parameter', 'this call takes no query parameters')
  return undefined
}

function parameterFault(code: string, detail: string): Failure {
  return new Failure('validation_failed', { faults: [{ pointer: '', code, detail }] })
}

/** A quoted string, as the draft has it, or the bare value; 255 printable ASCII characters at most. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'the header Idempotency-Key must be 1 to 255 printable ASCII characters without spaces'
  throw new Failure('validation_failed', { faults: [{ pointer: '', code: 'idempotency_key_invalid', detail }] })
}
