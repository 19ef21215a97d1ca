import { Failure, type Fault } from '@portcullis/contracts/errors'
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Env } from './env.ts'

/** Reads at most `bytesMost` of JSON in UTF-8. Refuses with 400, 413 or 415; see RFC 9110 sections 15.5.14 and 15.5.16. */
export async function readJsonBody(c: Context<Env>, bytesMost: number): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  // No other type is taken: a form or text/plain could be sent cross-site without a preflight (ASVS 5 3.5.2).
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) throw new Failure('unsupported_media_type')
  const encoding = c.req.header('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw new Failure('unsupported_media_type')
  const declared = Number(c.req.header('content-length') ?? 0)
  if (declared > bytesMost) throw new Failure('body_too_large')
  // A declared length is held by the HTTP parser; without one the bytes are counted as they come.
  const bytes = declared > 0 ? await c.req.arrayBuffer() : await readChunks(c, bytesMost)
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    throw new Failure('malformed_request')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

async function readChunks(c: Context<Env>, bytesMost: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > bytesMost) throw new Failure('body_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Checks a value by a schema; every broken rule is told at once, with its place, and never with what was sent. */
export function checkInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  if (holdsPrototypeKey(value)) {
    throw new Failure('validation_failed', { faults: [unknownField('/__proto__')] })
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw new Failure('validation_failed', { faults: checked.error.issues.flatMap(faultsOf) })
}

/** `JSON.parse` makes it a field like any other; a schema may overlook it (security of `Object.assign`, ASVS 5 15.3.6). */
function holdsPrototypeKey(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const place = pointerOf(issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(place + pointerOf([key.slice(0, 100)])))
  if (issue.code === 'invalid_type') {
    const missing = issue.input === undefined
    return [{ pointer: place, code: missing ? 'required' : 'wrong_type', detail: missing ? 'is required' : `must be ${withArticle(issue.expected)}` }]
  }
  return [{ pointer: place, code: codes[issue.code] ?? 'invalid', detail: issue.message }]
}

const codes: Readonly<Record<string, string>> = { too_small: 'too_small', too_big: 'too_long', invalid_format: 'wrong_form' }

function unknownField(pointer: string): Fault {
  return { pointer, code: 'unknown_field', detail: 'is not a field of this call' }
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** JSON Pointer, RFC 6901. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
