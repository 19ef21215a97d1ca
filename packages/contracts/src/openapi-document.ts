import type { Permission } from './permission.ts'

/** As much of JSON Schema 2020-12 as the house's schemas come to. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  /** Of a body that is told apart by one field. */
  readonly oneOf?: readonly JsonSchema[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** A pointer to a component of the same document. */
export interface Ref {
  readonly $ref: string
}

/** A header, or what a parameter has in common with it. */
export interface OpenApiHeader {
  readonly description: string
  readonly required?: boolean
  readonly schema: JsonSchema
  readonly example?: unknown
}

/** A request parameter. */
export interface OpenApiParameter extends OpenApiHeader {
  readonly name: string
  readonly in: 'header' | 'path' | 'query'
}

/** A body in one media type. */
export interface OpenApiMedia {
  readonly schema: JsonSchema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, Ref>>
}

/** One status of a call. */
export interface OpenApiResponse {
  readonly description: string
  readonly headers: Readonly<Record<string, Ref>>
  readonly content?: Readonly<Record<string, OpenApiMedia>>
}

/** One call. */
export interface OpenApiOperation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  /** What the role of the account must have. */
  readonly 'x-permission'?: Permission
  readonly parameters: readonly (Ref | OpenApiParameter)[]
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, OpenApiMedia>> }
  readonly responses: Readonly<Record<string, OpenApiResponse>>
}

/** What is posted to receivers of an event. */
export interface OpenApiWebhook {
  readonly post: {
    readonly operationId: string
    readonly tags: readonly string[]
    readonly summary: string
    readonly description: string
    readonly parameters: readonly OpenApiParameter[]
    readonly requestBody: { readonly required: true; readonly content: Readonly<Record<string, OpenApiMedia>> }
    readonly responses: Readonly<Record<string, { readonly description: string }>>
  }
}

/** The document: OpenAPI 3.1.1, as far as the house uses it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly summary: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema'
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly webhooks: Readonly<Record<string, OpenApiWebhook>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly parameters: Readonly<Record<string, OpenApiParameter>>
    readonly headers: Readonly<Record<string, OpenApiHeader>>
    readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>
  }
}
