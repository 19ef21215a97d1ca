import { Failure } from '@portcullis/contracts/errors'
import type { Context } from 'hono'
import type { Env } from './env.ts'
import { findAmbiguousName } from './json-name.ts'
import { jsonPointer } from './json-pointer.ts'

const jsonType = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i
const formType = /^application\/x-www-form-urlencoded\s*(;\s*charset="?utf-8"?\s*)?$/i
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads at most `bytesMost` of JSON in UTF-8. Refuses with 413 as soon as more is declared or has come, 415 for any other
 * type, charset or coding, 400 for what is not JSON or ends early, 422 for a name sent twice. Source: RFC 9110 sections
 * 15.5.14 and 15.5.16.
 */
export async function readJsonBody(c: Context<Env>, bytesMost: number): Promise<unknown> {
  // No other type is taken: a form or text/plain could be sent cross-site without a preflight (ASVS 5 3.5.2).
  return parseJson(await readBytes(c, jsonType, bytesMost))
}

/** Reads at most `bytesMost` of what calls itself JSON, as it came, with the same refusals but for what is in it. */
export async function readRawJson(c: Context<Env>, bytesMost: number): Promise<Uint8Array> {
  return new Uint8Array(await readBytes(c, jsonType, bytesMost))
}

/**
 * Reads at most `bytesMost` of a form in UTF-8, as an object of strings, with the same refusals. Only for calls whose
 * standard asks for a form, and that no cookie opens. Source: RFC 7662 2.1, RFC 7009 2.1.
 */
export async function readFormBody(c: Context<Env>, bytesMost: number): Promise<unknown> {
  return parseForm(await readBytes(c, formType, bytesMost))
}

async function readBytes(c: Context<Env>, type: RegExp, bytesMost: number): Promise<ArrayBuffer | Uint8Array> {
  if (!type.test(c.req.header('content-type') ?? '')) throw new Failure('unsupported_media_type')
  const encoding = c.req.header('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw new Failure('unsupported_media_type')
  const declared = Number(c.req.header('content-length') ?? 0)
  if (declared > bytesMost) throw new Failure('body_too_large')
  // A declared length is held by the HTTP parser; without one the bytes are counted as they come.
  return declared > 0 ? readWhole(c) : readChunks(c, bytesMost)
}

async function readWhole(c: Context<Env>): Promise<ArrayBuffer> {
  try {
    return await c.req.arrayBuffer()
  } catch (cause) {
    throw cutShort(cause)
  }
}

async function readChunks(c: Context<Env>, bytesMost: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.byteLength
      if (size > bytesMost) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cutShort(cause)
  }
  if (size > bytesMost) throw new Failure('body_too_large')
  return Buffer.concat(chunks)
}

/** The caller went away, or broke the framing: no fault of ours. */
function cutShort(cause: unknown): Failure {
  return new Failure('malformed_request', { internal: 'the body ended early', cause })
}

function parseJson(bytes: ArrayBuffer | Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw new Failure('malformed_request')
  }
  const found = findAmbiguousName(text)
  if (found === undefined) return value
  const pointer = jsonPointer(found.path.map((part) => String(part).slice(0, 100)))
  const fault =
    found.kind === 'twice'
      ? { pointer, code: 'duplicate_field', detail: 'must not be sent twice' }
      : { pointer, code: 'unknown_field', detail: 'is not a field of this call' }
  throw new Failure('validation_failed', { faults: [fault] })
}

function parseForm(bytes: ArrayBuffer | Uint8Array): unknown {
  let text: string
  try {
    text = utf8.decode(bytes)
    // Escapes must be UTF-8 as well: `URLSearchParams` would put a replacement in their place.
    decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new Failure('malformed_request')
  }
  const fields = [...new URLSearchParams(text)]
  const twice = fields.find(([name], at) => fields.findIndex(([other]) => other === name) < at)
  if (twice) {
    const pointer = jsonPointer([twice[0].slice(0, 100)])
    throw new Failure('validation_failed', {
      faults: [{ pointer, code: 'duplicate_field', detail: 'must not be sent twice' }],
    })
  }
  return Object.fromEntries(fields)
}
