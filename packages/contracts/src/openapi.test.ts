import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { type Endpoint, hasBareRefusals } from './api/endpoint.ts'
import { endpoints } from './api/index.ts'
import { problemSchema } from './api/problem.ts'
import { refusalsOf } from './api/refusal.ts'
import { errors, type ErrorCode } from './errors.ts'
import type { JsonSchema, OpenApiMedia, OpenApiOperation } from './openapi-document.ts'
import { buildOpenApi } from './openapi.ts'

const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' })
const calls: readonly Endpoint[] = Object.values(endpoints)

/** A copy that a test may spoil. */
const copy = () => JSON.parse(JSON.stringify(document)) as Record<string, never>

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1 in the eyes of a validator that is not ours', async () => {
    const validator = new Validator()
    expect(await validator.validate(copy())).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('would be found invalid if it were', async () => {
    const spoiled = { ...copy(), info: { title: 'Acme' } }
    expect((await new Validator().validate(spoiled)).valid).toBe(false)
  })

  it('has every pointer lead somewhere', () => {
    const pointers = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)
    const found = [...pointers].map(([, path = '']) => path)
    expect(found.length).toBeGreaterThan(30)
    for (const path of found) {
      const target = path.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document)
      expect(target, path).toBeDefined()
    }
  })

  it('has each call of the contract once, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation.operationId}`),
    )
    expect(documented.toSorted()).toEqual(calls.map((call) => `${call.method} ${call.path} ${call.name}`).toSorted())
  })

  it.each(calls)('tells every answer and every refusal of $name, each with its status', (call) => {
    const operation = document.paths[call.path]?.[call.method.toLowerCase()]
    const statuses = [...Object.keys(call.answers), ...refusalsOf(call).map((code) => String(errors[code].status))]
    expect(Object.keys(operation?.responses ?? {})).toEqual([...new Set(statuses)].toSorted())
    const told = Object.values(operation?.responses ?? {}).flatMap((response) =>
      Object.keys(response.content?.['application/problem+json']?.examples ?? {}),
    )
    // What a program takes as it comes has empty refusals, but for a wrong method or host.
    const read = (code: ErrorCode) => !hasBareRefusals(call) || [405, 421].includes(errors[code].status)
    expect(told.toSorted()).toEqual(refusalsOf(call).filter(read).toSorted())
  })

  it.each(calls.filter((call) => call.body))('gives an example of $name that the call itself would take', (call) => {
    const operation = document.paths[call.path]?.[call.method.toLowerCase()]
    const [media] = Object.values(operation?.requestBody?.content ?? {})
    const example = media?.example
    const body = call.body as z.ZodType
    expect(body.safeParse(example)).toMatchObject({ success: true })
  })

  it('has an example of every field of every call: none is left out, and every answer has a name', () => {
    for (const call of calls) {
      const operation = document.paths[call.path]?.[call.method.toLowerCase()]
      for (const media of [operation?.requestBody, operation?.responses].flatMap(mediaWithin)) {
        expect(fieldsWithoutExample(media.schema), call.name).toEqual([])
      }
      const named = Object.values(call.answers).every((answer) => answer === null || answer.meta()?.id !== undefined)
      expect(named || call.media !== undefined, `${call.name}: the body of an answer needs .meta({ id })`).toBe(true)
    }
  })

  it('finds a field without an example, and is made all the same', () => {
    const gap = { properties: { at: { items: { anyOf: [{ type: 'string' }] } }, is: { type: 'boolean' } } }
    expect(fieldsWithoutExample(gap)).toEqual(['/at/0'])
  })

  it('gives examples of problems that are problems', () => {
    for (const [code, { value }] of Object.entries(document.components.examples)) {
      expect(problemSchema.parse(value).code).toBe(code)
    }
    expect(Object.keys(document.components.examples)).toEqual(Object.keys(errors))
  })

  it('tells of Retry-After wherever the caller should come back, and of Allow on 405', () => {
    for (const methods of Object.values(document.paths)) {
      for (const { responses } of Object.values(methods)) {
        for (const [status, { headers }] of Object.entries(responses)) {
          expect('Retry-After' in headers, status).toBe(status === '429' || status === '503')
          expect('Allow' in headers, status).toBe(status === '405')
          expect(headers).toHaveProperty('X-Request-Id')
        }
      }
    }
  })

  it('tells of RateLimit where attempts are counted, with success and with what follows a count, and nowhere else', () => {
    const limited = calls.filter(({ ratePolicy }) => ratePolicy !== undefined)
    expect(limited.map(({ name }) => name)).toEqual(expect.arrayContaining(['createSession', 'proveSession']))
    for (const call of calls) {
      const responses = document.paths[call.path]?.[call.method.toLowerCase()]?.responses ?? {}
      const told = Object.entries(responses).flatMap(([status, { headers }]) =>
        'RateLimit' in headers && 'RateLimit-Policy' in headers ? [status] : [],
      )
      const counted = [...Object.keys(call.answers), ...call.refusals.map((code) => String(errors[code].status))]
      expect([call.name, told]).toEqual([call.name, call.ratePolicy ? [...new Set(counted)].toSorted() : []])
    }
  })

  it('refuses unknown fields in every body that it describes', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const one of schema.oneOf ?? [schema.items ?? schema]) expect(one.additionalProperties, name).toBe(false)
    }
  })
})

/** The JSON that is described in what is sent or answered. */
function mediaWithin(described: OpenApiOperation['requestBody'] | OpenApiOperation['responses']): OpenApiMedia[] {
  const contents = described === undefined ? [] : 'required' in described ? [described] : Object.values(described)
  return contents
    .flatMap(({ content = {} }) => Object.entries(content))
    .flatMap(([type, media]) => (type === 'application/json' || type.endsWith('form-urlencoded') ? [media] : []))
}

/** Where an example cannot be made, as pointers into the body. */
function fieldsWithoutExample(schema: JsonSchema, at = ''): string[] {
  const { $ref, examples, enum: values, type, items, properties } = schema
  const named = $ref === undefined ? undefined : document.components.schemas[$ref.split('/').at(-1) ?? '']
  if (named) return fieldsWithoutExample(named, at)
  if (examples?.length || schema.const !== undefined || values?.length || type === 'boolean') return []
  if (items) return fieldsWithoutExample(items, `${at}/0`)
  const [one] = schema.anyOf ?? schema.oneOf ?? []
  if (one) return fieldsWithoutExample(one, at)
  if (!properties) return [at]
  return Object.entries(properties).flatMap(([name, field]) => fieldsWithoutExample(field, `${at}/${name}`))
}
