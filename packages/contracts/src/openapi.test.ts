import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Endpoint } from './api/endpoint.ts'
import { endpoints } from './api/index.ts'
import { problemSchema } from './api/problem.ts'
import { refusalsOf } from './api/refusal.ts'
import { errors, type ErrorCode } from './errors.ts'
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
    const read = (code: ErrorCode) => call.media === undefined || [405, 421].includes(errors[code].status)
    expect(told.toSorted()).toEqual(refusalsOf(call).filter(read).toSorted())
  })

  it.each(calls.filter((call) => call.body))('gives an example of $name that the call itself would take', (call) => {
    const operation = document.paths[call.path]?.[call.method.toLowerCase()]
    const [media] = Object.values(operation?.requestBody?.content ?? {})
    const example = media?.example
    const body = call.body as z.ZodType
    expect(body.safeParse(example)).toMatchObject({ success: true })
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

  it('refuses unknown fields in every body that it describes', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(schema.additionalProperties, name).toBe(false)
    }
  })
})
