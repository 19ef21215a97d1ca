import type { endpoints, EndpointName } from '@portcullis/contracts/api/index'
import type { z } from 'zod'

type Endpoints = typeof endpoints
type Part = 'params' | 'query' | 'body'

type SchemaOf<Name extends EndpointName, P extends Part> = Endpoints[Name] extends {
  [key in P]: infer Schema extends z.ZodType
}
  ? Schema
  : never

/** Query parameters travel as text; a number may be given as one. */
type QueryOf<Fields> = { [Key in keyof Fields]: string extends Fields[Key] ? Fields[Key] | number : Fields[Key] }

type GivenOf<Name extends EndpointName, P extends Part> = P extends 'query'
  ? QueryOf<z.input<SchemaOf<Name, P>>>
  : z.input<SchemaOf<Name, P>>

type PartsOf<Name extends EndpointName> = {
  [P in Part as SchemaOf<Name, P> extends never ? never : P]: GivenOf<Name, P>
}

/** What an object comes to of which nothing need be given. */
type Empty = { readonly [Name in never]?: never }

/** What a call is made with: its `params`, `query` and `body`, as far as it has them. A part that needs nothing may be left out. */
export type CallInput<Name extends EndpointName> = {
  [P in keyof PartsOf<Name> as Empty extends PartsOf<Name>[P] ? never : P]: PartsOf<Name>[P]
} & {
  [P in keyof PartsOf<Name> as Empty extends PartsOf<Name>[P] ? P : never]?: PartsOf<Name>[P]
}

type BodyOf<Name extends EndpointName, Schema> = Schema extends z.ZodType
  ? Endpoints[Name] extends { media: 'application/octet-stream' }
    ? Uint8Array<ArrayBuffer>
    : z.output<Schema>
  : null

type Answers<Name extends EndpointName> = Endpoints[Name]['answers']

/** A success of a call, told apart by `status`. Refusals are thrown. */
export type CallAnswer<Name extends EndpointName> = {
  [Status in keyof Answers<Name> & number]: {
    readonly status: Status
    readonly body: BodyOf<Name, Answers<Name>[Status]>
    /** All headers of the answer: `ETag`, `X-Request-Id`. */
    readonly headers: Headers
  }
}[keyof Answers<Name> & number]

/** What may be chosen for one call. */
export interface CallOptions {
  /** Gives the call up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Milliseconds each attempt may take. Default: the client's. */
  readonly timeoutMs?: number
  /**
   * Names the wish behind the call, so that it is done once, also when your program sends it again. Default: a new key for each
   * call, kept over its retries. Only on calls that honour it; elsewhere it is not sent.
   */
  readonly idempotencyKey?: string
  /** Further headers: `Traceparent`, `X-Request-Id`, `If-None-Match`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One call as a function. Throws `ProblemError`, `ConnectionError`, `TimeoutError`, `AnswerError`, or the reason of your signal. */
export type CallMethod<Name extends EndpointName> =
  Empty extends CallInput<Name>
    ? (input?: CallInput<Name>, options?: CallOptions) => Promise<CallAnswer<Name>>
    : (input: CallInput<Name>, options?: CallOptions) => Promise<CallAnswer<Name>>

/** A call whose answer is a page of a list. */
export type ListName = {
  [Name in EndpointName]: Answers<Name> extends { 200: infer Schema extends z.ZodType }
    ? z.output<Schema> extends { items: unknown[]; nextCursor: string | null }
      ? Name
      : never
    : never
}[EndpointName]

/** A page of a list. */
export type PageOf<Name extends ListName> = Extract<CallAnswer<Name>, { status: 200 }>['body']
