import type { z } from 'zod'
import type { ClientScope } from '../client-scope.ts'
import type { ErrorCode } from '../errors.ts'
import type { Permission } from '../permission.ts'

/** Who may make a call. */
export type Access =
  /**
   * Whoever has a living session; `proof`: and has proved to be there within 10 minutes. `apiKeyScope`: also an API key
   * of the owner that has this scope. Only on calls that read: a key can never touch a credential. `permission`: only an account
   * whose role has it, in a session that was opened with a second factor (ASVS 5 6.3.3); not together with `apiKeyScope`.
   */
  | {
      readonly kind: 'session'
      readonly proof: boolean
      readonly apiKeyScope?: string
      readonly permission?: Permission
    }
  /** A back end of the product whose secret has the scope. */
  | { readonly kind: 'client'; readonly scope: ClientScope }
  /** A rented server, by the token of its rental. */
  | { readonly kind: 'rental' }
  /** Whoever may watch an operation: its owner, its client, staff, or the holder of its watch token. The call judges which. */
  | { readonly kind: 'watcher' }

/** One call of the HTTP surface: all that the gateway, the OpenAPI document and the client must agree on. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: `/${string}`
  /** Stable name of the call, in camel case: `requestPasswordReset`. */
  readonly name: string
  /** Heading under which the documentation lists the call: `Accounts`. */
  readonly group: string
  /** What it does, in one line. */
  readonly summary: string
  /** What a caller must know besides: what follows, what is promised, what is never told. */
  readonly description: string
  /** Who may make it. Absent: anyone. */
  readonly access?: Access
  /** Parameters of the path (`/{id}`), as an object. */
  readonly params?: z.ZodType
  /** The body. Absent: the call takes none. */
  readonly body?: z.ZodType
  /** How the body is written. Default JSON; a form only where a standard asks for one. */
  /** `signed`: JSON whose raw bytes are signed; the call reads it only after it has verified them. */
  readonly bodyType?: 'json' | 'form' | 'signed'
  /** Larger bodies are refused. Default: as this server is set. */
  readonly bodyBytesMost?: number
  /** Query parameters. Absent: the call takes none, and any is refused. */
  readonly query?: z.ZodType
  /** Whether `Idempotency-Key` is honoured: every POST that makes something. */
  readonly idempotent?: boolean
  /**
   * Media type of a 200 that is not JSON. Such a call is read by a program that takes what it is given, so its refusals have
   * an empty body; but for NDJSON, which people ask for.
   */
  readonly media?: 'text/plain' | 'application/octet-stream' | 'text/event-stream' | 'application/x-ndjson'
  /** Whether a 200 may be asked for as a page for reading, `text/html`, in place of JSON. */
  readonly page?: boolean
  /** Whether a 200 may be asked for as a table, `text/csv`, in place of JSON. */
  readonly csv?: boolean
  /** Status and body of success; `null` for an empty body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>
  /** What `RateLimit` and `RateLimit-Policy` call the limit of attempts that they tell of. Absent: none is told. */
  readonly ratePolicy?: 'login' | 'code' | 'proof'
  /** Refusals of this call besides those that every call may give. */
  readonly refusals: readonly ErrorCode[]
}

/** Whether refusals of a call have an empty body, as far as it is known which call was meant. */
export function hasBareRefusals({ media }: Pick<Endpoint, 'media'>): boolean {
  return media !== undefined && media !== 'application/x-ndjson'
}

/** Declares a call, keeping the exact types of its schemas. */
export function defineEndpoint<const E extends Endpoint>(endpoint: E): E {
  return endpoint
}
