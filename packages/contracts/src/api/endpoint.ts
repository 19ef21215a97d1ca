import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'

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
  /** Body as JSON. Absent: the call takes none. */
  readonly body?: z.ZodType
  /** Query parameters. Absent: the call takes none, and any is refused. */
  readonly query?: z.ZodType
  /** Whether `Idempotency-Key` is honoured: every POST that makes something. */
  readonly idempotent?: boolean
  /** Status and body of success; `null` for an empty body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>
  /** Refusals of this call besides those that every call may give. */
  readonly refusals: readonly ErrorCode[]
}

/** Declares a call, keeping the exact types of its schemas. */
export function defineEndpoint<const E extends Endpoint>(endpoint: E): E {
  return endpoint
}
