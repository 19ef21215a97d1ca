import { z } from 'zod'
import { type Endpoint, hasBareRefusals } from './api/endpoint.ts'
import { endpoints } from './api/index.ts'
import { problemSchema } from './api/problem.ts'
import { refusalsOf } from './api/refusal.ts'
import { errors, type ErrorCode } from './errors.ts'
import { exampleComponents, headerComponents, parameterComponents, securitySchemes } from './openapi-component.ts'
import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiMedia,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
  Ref,
} from './openapi-document.ts'
import { webhookOperations } from './openapi-webhook.ts'
import { webhookPayloadSchema } from './webhook-event.ts'

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
      summary: 'Account security: registration, addresses, passwords, sessions.',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: options.serverUrl, description: 'This server' }],
    tags: [...new Set(calls.map((call) => call.group))].map((name) => ({ name })),
    paths,
    webhooks: webhookOperations(),
    components: {
      securitySchemes,
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

/** A document with a gap is served all the same: what is missing here is found by `openapi.test.ts`, not by those who read it. */
function schemaComponents(calls: readonly Endpoint[]): Schemas {
  const named = z.registry<{ id: string }>()
  named.add(problemSchema, { id: 'Problem' })
  named.add(webhookPayloadSchema, { id: 'WebhookEvent' })
  for (const call of calls) {
    if (call.body) named.add(call.body, { id: bodyName(call) })
    if (call.media !== undefined) continue
    for (const [status, answer] of Object.entries(call.answers)) {
      if (answer) named.add(answer, { id: answerName(call, status, answer) })
    }
  }
  const { schemas } = z.toJSONSchema(named, { uri: pointerTo, ...jsonSchemaOptions })
  const entries = Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema])
  // Guarantee: zod wrote them as JSON Schema of this draft; the house reads no more of it than `JsonSchema` names.
  return Object.fromEntries(entries) as Schemas
}

const jsonSchemaOptions = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' } as const

/** The name that the body of an answer has, else one of its call. */
function answerName(call: Endpoint, status: string, schema: z.ZodType): string {
  return schema.meta()?.id ?? `${bodyName(call)}Of${status}`
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
    security: securityOf(call),
    ...permissionOf(call),
    parameters: [
      ...parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
      ...namedParameters('path', call.params),
      ...namedParameters('query', call.query),
    ],
    ...(call.body && {
      requestBody: {
        required: true,
        content: { [mediaTypes[call.bodyType ?? 'json']]: mediaOf(bodyName(call), schemas) },
      },
    }),
    responses: { ...answersOf(call, schemas), ...refusalResponses(call) },
  }
}

const mediaTypes = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  signed: 'application/json',
} as const

/** API clients and rented servers have no cookie; a key is sent as a session's token is. */
function securityOf({ access }: Endpoint): OpenApiOperation['security'] {
  if (!access) return []
  return access.kind === 'session' || access.kind === 'watcher' ? [{ bearer: [] }, { cookie: [] }] : [{ bearer: [] }]
}

/** What a role must have for a call, for tools that read it. */
function permissionOf({ access }: Endpoint): Pick<OpenApiOperation, 'x-permission'> {
  return access?.kind === 'session' && access.permission ? { 'x-permission': access.permission } : {}
}

/** Parameters of the path or the query, one for each field of their schema. */
function namedParameters(place: 'path' | 'query', schema: z.ZodType | undefined): OpenApiParameter[] {
  if (!schema) return []
  // Guarantee: zod wrote it as JSON Schema of this draft; the house reads no more of it than `JsonSchema` names.
  const { properties = {}, required = [] } = z.toJSONSchema(schema, jsonSchemaOptions) as JsonSchema
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: place,
    required: required.includes(name),
    description: field.description ?? name,
    schema: field,
  }))
}

function mediaOf(schemaName: string, schemas: Schemas): OpenApiMedia {
  return { schema: { $ref: pointerTo(schemaName) }, example: exampleOf({ $ref: pointerTo(schemaName) }, schemas) }
}

/** What is no JSON is described on the spot. */
function plainMediaOf(schema: z.ZodType): OpenApiMedia {
  const { format, examples } = schema.meta() ?? {}
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined
  return { schema: { type: 'string', ...(typeof format === 'string' && { format }) }, example }
}

function answersOf(call: Endpoint, schemas: Schemas): Record<string, OpenApiResponse> {
  const entries = Object.entries(call.answers).map(([status, schema]): [string, OpenApiResponse] => {
    const headers = { 'X-Request-Id': headerRef('RequestId'), ...rateHeaders(call) }
    if (schema === null) return [status, { description: 'Done.', headers }]
    const description = schema.meta()?.description ?? 'Done.'
    if (call.media !== undefined)
      return [status, { description, headers, content: { [call.media]: plainMediaOf(schema) } }]
    const json = { 'application/json': mediaOf(answerName(call, status, schema), schemas) }
    const page =
      call.page && status === '200' ? { 'text/html': { schema: { type: 'string' }, example: '<!doctype html>' } } : {}
    const csv =
      call.csv && status === '200' ? { 'text/csv': { schema: { type: 'string' }, example: 'account,state\r\n' } } : {}
    return [status, { description, headers, content: { ...json, ...page, ...csv } }]
  })
  return Object.fromEntries(entries)
}

function refusalResponses(call: Endpoint): Record<string, OpenApiResponse> {
  const byStatus = Map.groupBy(refusalsOf(call), (code) => errors[code].status)
  const entries = [...byStatus].map(([status, codes]) => [String(status), refusalResponse(call, status, codes)])
  return Object.fromEntries(entries)
}

/** A wrong method or host is refused before it is known which call was meant. */
function hasEmptyRefusal(call: Endpoint, status: number): boolean {
  return hasBareRefusals(call) && status !== errors.method_not_allowed.status && status !== errors.host_unknown.status
}

/** Told once an attempt was counted: with success, and with each refusal that may follow it. */
function rateHeaders(call: Endpoint, codes: readonly ErrorCode[] = call.refusals): OpenApiResponse['headers'] {
  if (call.ratePolicy === undefined || !codes.some((code) => call.refusals.includes(code))) return {}
  return { 'RateLimit-Policy': headerRef('RateLimitPolicy'), RateLimit: headerRef('RateLimit') }
}

function refusalResponse(call: Endpoint, status: number, codes: readonly ErrorCode[]): OpenApiResponse {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])
  return {
    description: codes.map((code) => `${code}: ${errors[code].title}`).join(' '),
    headers: {
      'X-Request-Id': headerRef('RequestId'),
      ...(status === 401 && { 'WWW-Authenticate': headerRef('WwwAuthenticate') }),
      ...(status === 405 && { Allow: headerRef('Allow') }),
      ...rateHeaders(call, codes),
      ...((status === 429 || status === 503) && { 'Retry-After': headerRef('RetryAfter') }),
    },
    ...(!hasEmptyRefusal(call, status) && {
      content: {
        'application/problem+json': { schema: { $ref: pointerTo('Problem') }, examples: Object.fromEntries(examples) },
      },
    }),
  }
}

function headerRef(name: keyof typeof headerComponents): Ref {
  return { $ref: `#/components/headers/${name}` }
}

/** An example made of the first example of each field; a field that has none is left out. */
function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const named = schema.$ref === undefined ? undefined : schemas[schema.$ref.slice(pointerTo('').length)]
  if (named) return exampleOf(named, schemas)
  if (schema.examples?.length) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum?.length) return schema.enum[0]
  if (schema.type === 'boolean') return true
  if (schema.items) return [exampleOf(schema.items, schemas)].filter((item) => item !== undefined)
  const [one] = schema.anyOf ?? schema.oneOf ?? []
  if (one) return exampleOf(one, schemas)
  if (!schema.properties) return undefined
  return Object.fromEntries(
    Object.entries(schema.properties).flatMap(([name, field]) => {
      const example = exampleOf(field, schemas)
      return example === undefined ? [] : [[name, example]]
    }),
  )
}
