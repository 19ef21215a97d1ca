import { z } from 'zod'
import type { Endpoint } from './api/endpoint.ts'
import { endpoints } from './api/index.ts'
import { problemSchema } from './api/problem.ts'
import { refusalsOf } from './api/refusal.ts'
import { errors, type ErrorCode } from './errors.ts'
import { exampleComponents, headerComponents, parameterComponents } from './openapi-component.ts'
import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiMedia,
  OpenApiOperation,
  OpenApiResponse,
  Ref,
} from './openapi-document.ts'

/** What the document cannot know by itself. */
export interface OpenApiOptions {
  /** Name of the product. */
  readonly title: string
  /** Where callers reach the service, without a slash at its end. */
  readonly serverUrl: string
}

const description = `Bodies are JSON in UTF-8 with camelCase names; moments are UTC in ISO 8601. Unknown fields, fields sent twice and query \
parameters are refused. Every refusal is application/problem+json (RFC 9457) with a stable code, and changes nothing. \
No answer tells whether an account exists.`

/** Makes the OpenAPI 3.1 document of every call from the contract itself. Pure: the same input gives the same document. */
export function buildOpenApi(options: OpenApiOptions): OpenApiDocument {
  const calls: readonly Endpoint[] = Object.values(endpoints)
  const schemas = schemaComponents(calls)
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const call of calls) {
    paths[call.path] = { ...paths[call.path], [call.method.toLowerCase()]: operationOf(call, schemas) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: options.title,
      version: '1',
      summary: 'Account security: registration, addresses, passwords.',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: options.serverUrl, description: 'This server' }],
    tags: [...new Set(calls.map((call) => call.group))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      parameters: parameterComponents,
      headers: headerComponents,
      examples: exampleComponents(),
    },
  }
}

/** The named schemas of the document. */
type Schemas = Readonly<Record<string, JsonSchema>>

/** Name under which the body of a call stands among the schemas: `RequestPasswordResetBody`. */
function bodyName(call: Endpoint): string {
  return `${call.name.charAt(0).toUpperCase()}${call.name.slice(1)}Body`
}

function schemaComponents(calls: readonly Endpoint[]): Schemas {
  const named = z.registry<{ id: string }>()
  named.add(problemSchema, { id: 'Problem' })
  for (const call of calls) {
    if (call.body) named.add(call.body, { id: bodyName(call) })
    for (const answer of Object.values(call.answers)) if (answer) named.add(answer, { id: answerName(answer) })
  }
  const { schemas } = z.toJSONSchema(named, { uri: pointerTo, io: 'input', target: 'draft-2020-12' })
  const entries = Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema])
  // Guarantee: zod wrote them as JSON Schema of this draft; the house reads no more of it than `JsonSchema` names.
  return Object.fromEntries(entries) as Schemas
}

function answerName(schema: z.ZodType): string {
  const id = schema.meta()?.id
  if (id === undefined) throw new TypeError('the body of an answer needs a name: .meta({ id })')
  return id
}

function pointerTo(schemaName: string): string {
  return `#/components/schemas/${schemaName}`
}

function operationOf(call: Endpoint, schemas: Schemas): OpenApiOperation {
  const parameters = ['RequestId', 'Traceparent', ...(call.idempotent ? ['IdempotencyKey'] : [])]
  return {
    operationId: call.name,
    tags: [call.group],
    summary: call.summary,
    description: call.description,
    security: [],
    parameters: parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ...(call.body && {
      requestBody: { required: true, content: { 'application/json': mediaOf(bodyName(call), schemas) } },
    }),
    responses: { ...answersOf(call, schemas), ...refusalResponses(call) },
  }
}

function mediaOf(schemaName: string, schemas: Schemas): OpenApiMedia {
  return { schema: { $ref: pointerTo(schemaName) }, example: exampleOf({ $ref: pointerTo(schemaName) }, schemas) }
}

function answersOf(call: Endpoint, schemas: Schemas): Record<string, OpenApiResponse> {
  const entries = Object.entries(call.answers).map(([status, schema]): [string, OpenApiResponse] => {
    const headers = { 'X-Request-Id': headerRef('RequestId') }
    if (schema === null) return [status, { description: 'Done.', headers }]
    const description = schema.meta()?.description ?? 'Done.'
    return [status, { description, headers, content: { 'application/json': mediaOf(answerName(schema), schemas) } }]
  })
  return Object.fromEntries(entries)
}

function refusalResponses(call: Endpoint): Record<string, OpenApiResponse> {
  const byStatus = Map.groupBy(refusalsOf(call), (code) => errors[code].status)
  const entries = [...byStatus].map(([status, codes]) => [String(status), refusalResponse(status, codes)])
  return Object.fromEntries(entries)
}

function refusalResponse(status: number, codes: readonly ErrorCode[]): OpenApiResponse {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])
  return {
    description: codes.map((code) => `${code}: ${errors[code].title}`).join(' '),
    headers: {
      'X-Request-Id': headerRef('RequestId'),
      ...(status === 405 && { Allow: headerRef('Allow') }),
      ...((status === 429 || status === 503) && { 'Retry-After': headerRef('RetryAfter') }),
    },
    content: {
      'application/problem+json': { schema: { $ref: pointerTo('Problem') }, examples: Object.fromEntries(examples) },
    },
  }
}

function headerRef(name: keyof typeof headerComponents): Ref {
  return { $ref: `#/components/headers/${name}` }
}

/** An example made of the first example of each field. */
function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const named = schema.$ref === undefined ? undefined : schemas[schema.$ref.slice(pointerTo('').length)]
  if (named) return exampleOf(named, schemas)
  if (schema.const !== undefined) return schema.const
  if (schema.examples?.length) return schema.examples[0]
  if (schema.enum?.length) return schema.enum[0]
  if (!schema.properties) throw new TypeError('every field of the contract needs an example: .meta({ examples })')
  return Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, exampleOf(field, schemas)]))
}
